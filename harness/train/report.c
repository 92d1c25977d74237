#include "train/report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine/clock.h"
#include "terminal/text.h"

/* ---- pieces ----------------------------------------------------------------------------------------------------- */

/* 1234567 as 1,234,567. */
static const char *with_commas(size_t n, char text[32]) {
  char digits[32];
  const int length = snprintf(digits, sizeof digits, "%zu", n);
  int at = 0;
  for (int i = 0; i < length; i++) {
    if (i && (length - i) % 3 == 0) text[at++] = ',';
    text[at++] = digits[i];
  }
  text[at] = '\0';
  return text;
}

static const char *plural(size_t count) { return count == 1 ? "" : "s"; }

/* With a unit of one letter, in `width` columns after a space; "-" for a NaN. */
static void print_fixed(int width, int decimals, double x, char unit) {
  if (isnan(x))
    printf(" %*s", width, "-");
  else
    printf(" %*.*f%c", width - 1, decimals, x, unit);
}

static void print_share(int width, double share) { print_fixed(width, 1, 100 * share, '%'); }

static const char *speed_text(const struct training_record *r, char text[32]) {
  return r->step ? with_commas((size_t)training_speed(r), text) : "-";
}

/* ---- before ----------------------------------------------------------------------------------------------------- */

void train_report_head(const struct session *s, const struct job *job, size_t trainings) {
  const struct machine *m = &s->machine;
  size_t fewest;
  const struct training_data data = job_data_most(s, &fewest);
  char few[32] = "", train[32], test[32];
  printf("%s, %u core%s%s\n", *m->processor.name ? m->processor.name : "unknown processor", m->cores, plural(m->cores),
         m->hypervisor == MACHINE_YES ? " (virtual machine)" : "");
  if (s->environment.warnings)
    printf("%zu warning%s about this machine: gradmark info\n", s->environment.warnings,
           plural(s->environment.warnings));
  printf("\n%s: ", s->options.workload->name);
  for (int l = 0; l <= job->layers; l++) printf("%s%zu", l ? "-" : "", job->widths[l]);
  if (job->layers > 1) printf(" %s", job->activation->name);
  if (fewest < data.train.count) with_commas(fewest, few);
  printf(", %s; %s%s%s to train", model_loss_op(job->loss), few, *few ? " or " : "",
         with_commas(data.train.count, train));
  if (data.validation.count) printf(", %s to stop early by", with_commas(data.validation.count, test));
  if (data.test.count) printf(", %s to test", with_commas(data.test.count, test));
  printf(" (%s)\n", data.train.source);
  if (trainings > 1) printf("%zu trainings\n", trainings);
  fflush(stdout);
}

static void print_choice(const char *name, double value) {
  if (value > 0) printf(", %s %g", name, value);
}

static void print_job(const struct session *s, const struct job *job) {
  const struct training_spec *spec = &job->spec;
  printf("%s, lr %g, %s; batch %zu%s, %zu epoch%s; %s on %d thread%s\n", spec->optimizer, spec->lr, spec->schedule,
         spec->batch, s->options.batch > spec->batch ? " (all there are)" : "", spec->epochs, plural(spec->epochs),
         job->isa, job->threads, plural((size_t)job->threads));
  printf("weights %s, seed %llu", init_names[spec->init], (unsigned long long)s->options.seed);
  print_choice("clip", spec->clip);
  print_choice("l1", spec->l1);
  print_choice("l2", spec->l2);
  if (s->options.validate > 0) printf(", patience %zu", s->options.patience);
  putchar('\n');
}

void train_report_training(const struct session *s, const struct job *job, size_t index, size_t trainings) {
  if (trainings == 1)
    print_job(s, job);
  else if (index == 0 && job->loss == LOSS_MSE)
    printf("\n%-42s %10s %12s %8s  %s\n", "", "train loss", "samples/s", "kernels", "ended");
  else if (index == 0)
    printf("\n%-42s %10s %9s %9s %12s %8s  %s\n", "", "train loss", "accuracy", "to 97%", "samples/s", "kernels",
           "ended");
  fflush(stdout);
}

/* ---- while it runs: its progress on stderr, its epochs on stdout ------------------------------------------------ */

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

static void print_loss(double loss) {
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
  print_loss(evaluation->train_loss);
  if (validated)
    print_loss(evaluation->validation_loss), print_fixed(13, 2, 100 * evaluation->validation_accuracy, '%');
  print_loss(evaluation->test_loss);
  print_fixed(13, 2, 100 * evaluation->test_accuracy, '%');
  printf(" %11.0f %9s%s\n", (double)(r->samples - w->shown_samples) / (r->seconds - w->shown_seconds),
         seconds_text(r->seconds, seconds, sizeof seconds),
         validated && r->best_epoch == r->epoch ? "  best so far" : "");
  w->shown_epoch = r->epoch, w->shown_samples = r->samples, w->shown_seconds = r->seconds;
  fflush(stdout);
}

/* At most ROWS_OF_EPOCHS rows and the first epoch: a training of a thousand epochs does not fill the screen. */
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

/* ---- after one -------------------------------------------------------------------------------------------------- */

/* For a table: "2 cores", "2 far cores", "moved"; "" where nothing is known. */
static const char *where(const struct outcome *o, char text[PLACEMENT_STATE]) {
  const char *state = *o->before ? o->before : o->after;
  const bool known = *o->before && *o->after;
  snprintf(text, PLACEMENT_STATE, "%s", state);
  if (strstr(state, "far")) snprintf(text, PLACEMENT_STATE, "%d far cores", atoi(state));
  if (known && strcmp(o->before, o->after) != 0) snprintf(text, PLACEMENT_STATE, "moved");
  return text;
}

/* How fast several threads are depends on how many cores they are given, which nothing else shows. */
static void print_placement(const struct outcome *o) {
  if (!*o->before || !*o->after) return;
  printf("its %d threads ran on ", o->threads);
  if (strcmp(o->before, o->after) == 0)
    printf("%s, before it and after it\n", o->before);
  else
    printf("%s before it, on %s after it: they were moved meanwhile\n", o->before, o->after);
}

static void print_speed(const struct outcome *o) {
  const struct training_record *r = &o->record;
  double low, high;
  char speed[32];
  const bool more = r->samples > r->samples_before;
  if (r->epoch_before)
    printf("resumed after epoch %zu%s\n", r->epoch_before,
           more ? "; speed and kernels are of what came since" : ", where it had ended");
  if (!more) return;
  printf("%s samples/s", with_commas((size_t)training_speed(r), speed));
  training_speed_range(r, &low, &high);
  if (!isnan(low)) printf(", from part to part %s", with_commas((size_t)low, speed));
  if (!isnan(low) && (size_t)low < (size_t)high) printf(" to %s", with_commas((size_t)high, speed));
  printf("; %.0f%% of the time in kernels\n", 100 * o->kernel_share);
  print_placement(o);
}

static void print_end(const struct outcome *o) {
  const struct training_record *r = &o->record;
  char steps[32], samples[32], seconds[32];
  printf("\n%s after %zu epoch%s: ", training_status_name(r->status), r->epoch, plural(r->epoch));
  printf("%s step%s, %s samples in %s\n", with_commas(r->step, steps), plural(r->step),
         with_commas(r->samples, samples), seconds_text(r->seconds, seconds, sizeof seconds));
  if (r->status == TRAINING_DIVERGED)
    printf("the last loss was %.3g, or a parameter was not finite; a smaller --lr or --clip may help\n", r->last_loss);
  print_speed(o);
  if (training_ended(r) && !isnan(r->best_validation_loss))
    printf("the parameters are those of epoch %zu, the best by the validation loss\n", r->best_epoch);
}

/* A mean over the classes is NaN where a class was never predicted, or has no sample. */
static void print_mean(const char *name, double mean) {
  if (isnan(mean))
    printf("%s undefined", name);
  else
    printf("%s %.2f%%", name, 100 * mean);
}

static void print_quality(const struct outcome *o) {
  const struct evaluation *e = &o->test;
  if (!e->confusion) return;
  const struct scores macro = evaluation_macro(e);
  const size_t wrong = (size_t)lround((1 - e->accuracy) * (double)e->samples);
  printf("test accuracy %.2f%%, %zu of %zu wrong; mean ", 100 * e->accuracy, wrong, e->samples);
  print_mean("precision", macro.precision);
  print_mean(", recall", macro.recall);
  print_mean(", F1", macro.f1);
  printf("; loss %.4g\n", e->loss);
  printf("training to");
  for (int i = 0; i < TRAINING_ACCURACIES; i++) {
    size_t step;
    char text[32];
    const double seconds = training_seconds_to(&o->record, training_accuracies[i], &step);
    printf("%s %.0f%%: %s", i ? "," : "", 100 * training_accuracies[i],
           isnan(seconds) ? "not reached" : seconds_text(seconds, text, sizeof text));
  }
  if (o->record.evaluations > 1)
    printf(" (seen every %.0f steps)", o->record.evaluation[1].step - o->record.evaluation[0].step);
  putchar('\n');
}

static void print_classes(const struct evaluation *e) {
  if (!e->confusion) return;
  printf("\n  class  precision  recall      F1  samples  predicted as");
  for (size_t k = 0; k < e->classes; k++) printf(" %4zu", k);
  putchar('\n');
  for (size_t i = 0; i < e->classes; i++) {
    const struct scores s = evaluation_scores(e, i);
    printf("  %5zu", i);
    print_share(10, s.precision);
    print_share(7, s.recall);
    print_share(7, s.f1);
    printf(" %8zu %13s", s.samples, "");
    for (size_t k = 0; k < e->classes; k++) {
      const size_t count = e->confusion[i * e->classes + k];
      if (count)
        printf(" %4zu", count);
      else
        printf(" %4s", ".");
    }
    putchar('\n');
  }
}

static int by_seconds(const void *a, const void *b) {
  const struct kernel_outcome *x = *(const struct kernel_outcome *const *)a,
                              *y = *(const struct kernel_outcome *const *)b;
  return (x->seconds < y->seconds) - (x->seconds > y->seconds);
}

static void print_kernels(const struct outcome *o) {
  const struct kernel_outcome *sorted[NETWORK_MOST_CALLS];
  const double seconds = training_seconds(&o->record);
  if (!(seconds > 0)) return;
  for (int i = 0; i < o->kernels; i++) sorted[i] = &o->kernel[i];
  qsort(sorted, (size_t)o->kernels, sizeof *sorted, by_seconds);
  printf("\n  %-36s %-22s %7s %9s %9s %6s  %s\n", "kernel", "", "share", "us/call", "Gflop/s", "limit", "bound by");
  for (int i = 0; i < o->kernels; i++) {
    const struct kernel_outcome *k = sorted[i];
    printf("  %-36s %-22s", k->name, k->description);
    print_share(7, k->seconds / seconds);
    print_three_digits(9, 1e6 * k->seconds / (double)k->calls);
    print_three_digits(9, k->flops_per_element > 0 ? 1e-9 * k->flops_per_element * k->elements / k->seconds : NAN);
    print_fixed(6, 0, k->limit.percent.value, '%');
    printf("  %s\n", isnan(k->limit.percent.value) ? "-" : k->limit.bound_by);
  }
  printf("  %-36s %-22s", "bringing batches together", "");
  print_share(7, o->data_share);
  printf("\n  %-36s %-22s", "everything else", "");
  print_share(7, 1 - o->kernel_share - o->data_share);
  puts(
      "\n\n  limit: percent of what this machine can attain: the time of the slower of two twins, one of which only "
      "moves the\n  same data, in the same calls, and one only does the same arithmetic");
}

/* Without the workload, which the head has named. */
static const char *short_name(const struct outcome *o) { return strchr(o->name, '/') + 1; }

static void print_line(const struct outcome *o) {
  const struct training_record *r = &o->record;
  char speed[32];
  printf("%-42s %10.4g", short_name(o), r->latest.train_loss);
  if (o->model.loss != LOSS_MSE) {
    size_t step;
    char text[32];
    print_share(9, o->test.confusion ? o->test.accuracy : NAN);
    printf(" %9s", seconds_text(training_seconds_to(r, 0.97, &step), text, sizeof text));
  }
  printf(" %12s", speed_text(r, speed));
  print_share(8, o->kernel_share);
  char ran[PLACEMENT_STATE];
  printf("  %s%s%s\n", training_status_name(r->status), *where(o, ran) ? ", " : "", ran);
  fflush(stdout);
}

void train_report_outcome(const struct outcome *o, size_t trainings) {
  if (trainings > 1) {
    print_line(o);
    return;
  }
  print_end(o);
  if (o->record.step) print_quality(o), print_classes(&o->test);
  print_kernels(o);
  fflush(stdout);
}

/* ---- after all -------------------------------------------------------------------------------------------------- */

static void print_solution_checks(const struct session *s) {
  if (!s->solution_checks) return;
  printf("\n%-42s %-9s %12s %12s %10s %9s\n", "known solutions", "", "value", "expected", "off by", "allowed");
  for (size_t i = 0; i < s->solution_checks; i++) {
    const struct solution_check *c = &s->solution_check[i];
    printf("%-42s %-9s %12.7g %12.7g %10.2g %9.2g  %s%s\n", c->part, c->parameter, c->value + 0.0, c->expected + 0.0,
           fabs(c->value - c->expected), c->tolerance, c->held ? "held" : "MISSED",
           c->expected == 0 && c->held ? ", exactly zero" : "");
  }
}

/* The speed of the scalar training on the fewest threads, which the others are compared with; 0 without one. */
static double speed_of_scalar(const struct session *s, const struct outcome *o) {
  const struct outcome *scalar = NULL;
  for (size_t i = 0; i < s->outcomes; i++) {
    const struct outcome *each = &s->outcome[i];
    if (reproducibility_kind(each, o) && strcmp(each->isa, "scalar") == 0 &&
        (!scalar || each->threads < scalar->threads))
      scalar = each;
  }
  return scalar && scalar->record.step ? training_speed(&scalar->record) : 0;
}

struct notes {
  const char *note[4];
  int count;
};

/* The number under which a reason is told below the table; a new one is noted. */
static int note(const char *why, struct notes *notes) {
  for (int i = 0; i < notes->count; i++)
    if (strcmp(notes->note[i], why) == 0) return i + 1;
  if (notes->count < (int)(sizeof notes->note / sizeof *notes->note)) notes->note[notes->count++] = why;
  return notes->count;
}

enum { WHERE = 12 }; /* columns */

static bool any_where(const struct session *s) {
  char ran[PLACEMENT_STATE];
  for (size_t i = 0; i < s->outcomes; i++)
    if (*where(&s->outcome[i], ran)) return true;
  return false;
}

static void print_kind(const struct session *s, size_t first, struct notes *notes) {
  const struct outcome *reference = reproducibility_reference(s->outcome, s->outcomes, &s->outcome[first]);
  const double scalar_speed = speed_of_scalar(s, reference);
  const bool several = any_where(s);
  printf("\n%-42s %12s %11s  ", "implementations and threads", "samples/s", "over scalar");
  if (several) printf("%-*s ", WHERE, "ran on");
  puts("parameters at the end");
  for (size_t i = first; i < s->outcomes; i++) {
    const struct outcome *o = &s->outcome[i];
    if (!reproducibility_kind(o, reference)) continue;
    char speed[32], ran[PLACEMENT_STATE];
    printf("%-42s %12s", short_name(o), speed_text(&o->record, speed));
    print_fixed(11, 2, scalar_speed > 0 ? training_speed(&o->record) / scalar_speed : NAN, 'x');
    if (several) printf("  %-*s", WHERE - 1, *where(o, ran) ? ran : "-");
    printf("  %016llx, ", (unsigned long long)o->hash);
    const char *why = reproducibility_excuse(o, reference);
    if (o == reference)
      puts("held against");
    else if (o->hash == reference->hash)
      puts("the same bits");
    else
      printf("other bits (%d)\n", note(why ? why : "it should have the same: THIS IS A FAULT IN GRADMARK", notes));
  }
}

static void print_kinds(const struct session *s) {
  struct notes notes = {0};
  for (size_t i = 0; i < s->outcomes; i++)
    if (reproducibility_begins(s->outcome, s->outcomes, i)) print_kind(s, i, &notes);
  for (int i = 0; i < notes.count; i++) printf("  (%d) %s\n", i + 1, notes.note[i]);
}

static void print_compression(const struct session *s) {
  if (!s->compressions) return;
  const struct compressed *first = &s->compressed[0];
  printf("\n%-36s %12s %12s %10s %8s %9s %7s\n", "compressed", "parameters", "not zero", "size", "smaller", "accuracy",
         "epochs");
  for (int i = 0; i < s->compressions; i++) {
    const struct compressed *c = &s->compressed[i];
    char parameters[32], nonzero[32], size[32];
    printf("%-36s %12s %12s %10s %7.1fx", c->part, with_commas(c->model.parameters, parameters),
           with_commas(c->nonzero, nonzero), bytes_text(c->bytes, size, sizeof size), first->bytes / c->bytes);
    print_share(9, c->accuracy);
    printf(" %7zu\n", c->epochs);
  }
  puts("\nsize: f32 or int8 values, scales, f32 biases; of pruned ones a 16-bit column per value and where rows begin");
}

/* Of the time since the program was started; what is left went into data, limits and other preparations. */
static void print_time(const struct session *s) {
  double training = 0, evaluating = 0;
  char all[32], trained[32], evaluated[32], proved[32];
  for (size_t i = 0; i < s->outcomes; i++)
    training += training_seconds(&s->outcome[i].record), evaluating += s->outcome[i].record.evaluation_seconds;
  printf("\n%s in all: %s of training, %s of evaluation, %s of proving the %zu kernels before they trained\n",
         seconds_text(clock_seconds() - s->begun, all, sizeof all), seconds_text(training, trained, sizeof trained),
         seconds_text(evaluating, evaluated, sizeof evaluated), seconds_text(s->proof_seconds, proved, sizeof proved),
         s->proofs);
}

void train_report_end(const struct session *s) {
  print_solution_checks(s);
  print_kinds(s);
  print_compression(s);
  if (s->outcomes > 1 && !s->options.output)
    puts("\nwhere the time of each went is in a result and its page: -o FILE, then gradmark-report html FILE");
  print_time(s);
  print_warnings(&s->environment, s->observed);
}
