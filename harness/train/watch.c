#include "train/watch.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "machine/clock.h"

static const double SECONDS_BETWEEN_LINES = 10; /* where the line cannot be rewritten */
enum { ROWS_OF_EPOCHS = 20 };

void watch_begin(struct watch *w, const struct job *job, const struct training *training) {
  const double now = clock_seconds();
  *w = (struct watch){.job = job,
                      .training = training,
                      .terminal = isatty(2),
                      .begun = now,
                      .last_shown = now,
                      .first_step = training->record.step};
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
  if (r->looked && !isnan(r->latest.test_accuracy))
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

/* Of many epochs, some. */
void watch_show_epoch(struct watch *w) {
  const struct training_record *r = &w->training->record;
  const size_t epochs = w->training->settings.epochs, every = (epochs + ROWS_OF_EPOCHS - 1) / ROWS_OF_EPOCHS;
  const struct training_look *look = &r->latest;
  const bool validated = w->training->data.validation.count > 0;
  if (!w->job->shown || (r->epoch % every != 0 && r->epoch != 1 && r->epoch != epochs)) return;
  clear(w);
  if (r->epoch == 1 || w->first_step == r->step - training_steps_per_epoch(w->training))
    printf("\n  epoch   train loss    test loss  %saccuracy    samples/s   seconds\n",
           validated ? "validation  test " : "");
  printf("  %5zu %12.4g", r->epoch, look->train_loss);
  if (isnan(look->test_loss))
    printf(" %12s", "-");
  else
    printf(" %12.4g", look->test_loss);
  if (validated) show_share(look->validation_accuracy);
  show_share(look->test_accuracy);
  printf(" %12.0f %9.3g\n", training_speed(r), r->seconds);
  fflush(stdout);
}

void watch_end(struct watch *w) { clear(w); }
