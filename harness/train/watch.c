#include "train/watch.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "machine/clock.h"
#include "terminal/text.h"

static const double SECONDS_BETWEEN_LINES = 10; /* where the line cannot be rewritten */
enum { ROWS_OF_EPOCHS = 20 };

void watch_begin(struct watch *w, const struct job *job, const struct training *training) {
  const double now = clock_seconds();
  *w = (struct watch){.job = job,
                      .training = training,
                      .terminal = isatty(2),
                      .begun = now,
                      .last_shown = now,
                      .first_step = training->record.step,
                      .shown_epoch = training->record.epoch,
                      .shown_samples = training->record.samples,
                      .shown_seconds = training->record.seconds};
}

static size_t steps_in_all(const struct watch *w) {
  return training_steps_per_epoch(w->training) * w->training->settings.epochs;
}

void watch_show_step(struct watch *w, double loss) {
  const struct training_record *r = &w->training->record;
  const double now = clock_seconds();
  if (now - w->last_shown < (w->terminal ? 0.1 : SECONDS_BETWEEN_LINES)) return;
  w->last_shown = now;
  const double done = (double)(r->step - w->first_step), left = (double)(steps_in_all(w) - r->step);
  char accuracy[32] = "";
  if (r->evaluated && !isnan(r->latest.test_accuracy))
    snprintf(accuracy, sizeof accuracy, ", test %.1f%%", 100 * r->latest.test_accuracy);
  fprintf(stderr, "%s%s%s%s %s t%d: epoch %.1f of %zu, loss %.4g%s, %.0f samples/s, %.0f s left%s",
          w->terminal ? "\r\033[K" : "", w->job->part, *w->job->part ? ", " : "", w->job->spec.optimizer, w->job->isa,
          w->job->threads, (double)r->step / (double)training_steps_per_epoch(w->training),
          w->training->settings.epochs, loss, accuracy, training_speed(r), (now - w->begun) / done * left,
          w->terminal ? "" : "\n");
}

static void clear(const struct watch *w) {
  if (w->terminal) fputs("\r\033[K", stderr);
}

static void show_share(double share) {
  if (isnan(share))
    printf(" %11s", "-");
  else
    printf(" %10.2f%%", 100 * share);
}

static void show_loss(double loss) {
  if (isnan(loss))
    printf(" %12s", "-");
  else
    printf(" %12.4g", loss);
}

static void show_row(struct watch *w) {
  const struct training_record *r = &w->training->record;
  const struct training_evaluation *evaluation = &r->latest;
  const bool validated = w->training->data.validation.count > 0;
  char seconds[32];
  clear(w);
  if (!w->headed)
    printf("\n  epoch   train loss%s    test loss test accuracy   samples/s   seconds\n",
           validated ? "     val loss  val accuracy" : "");
  w->headed = true;
  printf("  %5zu", r->epoch);
  show_loss(evaluation->train_loss);
  if (validated) show_loss(evaluation->validation_loss), printf("  "), show_share(evaluation->validation_accuracy);
  show_loss(evaluation->test_loss);
  printf("  "), show_share(evaluation->test_accuracy);
  printf(" %11.0f %9s%s\n", (double)(r->samples - w->shown_samples) / (r->seconds - w->shown_seconds),
         seconds_text(r->seconds, seconds, sizeof seconds),
         validated && r->best_epoch == r->epoch ? "  best so far" : "");
  w->shown_epoch = r->epoch, w->shown_samples = r->samples, w->shown_seconds = r->seconds;
  fflush(stdout);
}

/* Of many epochs, some. */
void watch_show_epoch(struct watch *w) {
  const size_t epoch = w->training->record.epoch, epochs = w->training->settings.epochs;
  const size_t every = (epochs + ROWS_OF_EPOCHS - 1) / ROWS_OF_EPOCHS;
  if (w->job->is_main && (epoch % every == 0 || epoch == 1 || epoch == epochs)) show_row(w);
}

void watch_end(struct watch *w) {
  const struct training_record *r = &w->training->record;
  clear(w);
  if (w->job->is_main && r->status == TRAINING_STOPPED_EARLY && r->epoch > w->shown_epoch) show_row(w);
}
