#include "train/report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/table.h"
#include "run/words.h"
#include "train/sameness.h"

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

static void print_share(int width, double share) {
  if (isnan(share))
    printf(" %*s", width, "-");
  else
    printf(" %*.1f%%", width - 1, 100 * share);
}

static void print_model(const struct job *job) {
  for (int l = 0; l <= job->layers; l++) printf("%s%zu", l ? "-" : "", job->widths[l]);
  if (job->layers > 1) printf(" %s", job->activation->name);
}

/* ---- before ----------------------------------------------------------------------------------------------------- */

void train_report_head(const struct session *s, const struct job *job, size_t trainings) {
  const struct machine *m = &s->machine;
  size_t fewest;
  const struct training_data data = job_data_most(s, &fewest);
  char few[32] = "", train[32], test[32];
  printf("%s, %u core%s%s\n", *m->processor.name ? m->processor.name : "unknown processor", m->cores,
         m->cores == 1 ? "" : "s", m->hypervisor == MACHINE_YES ? " (virtual machine)" : "");
  if (s->environment.warnings)
    printf("%zu warning%s about this machine: gradmark info\n", s->environment.warnings,
           s->environment.warnings == 1 ? "" : "s");
  printf("\n%s: ", s->options.workload->name);
  print_model(job);
  if (fewest < data.train.count) with_commas(fewest, few);
  printf(", %s; %s%s%s to train", model_loss_op(job->loss), few, *few ? " or " : "",
         with_commas(data.train.count, train));
  if (data.validation.count) printf(", %s to stop early by", with_commas(data.validation.count, test));
  if (data.test.count) printf(", %s to test", with_commas(data.test.count, test));
  printf(" (%s)\n", job->spec.data == DATA_DIGITS ? s->digits.train.source : "points");
  if (trainings > 1) printf("%zu trainings\n", trainings);
  fflush(stdout);
}

void train_report_training(const struct job *job, size_t index, size_t trainings) {
  if (trainings == 1) {
    printf("%s, lr %g, %s; batch %zu, %zu epoch%s; %s on %d thread%s\n", job->spec.optimizer, job->spec.lr,
           job->spec.schedule, job->spec.batch, job->spec.epochs, job->spec.epochs == 1 ? "" : "s", job->isa,
           job->threads, job->threads == 1 ? "" : "s");
  } else if (index == 0) {
    printf("\n%-44s %9s %9s %9s %12s %8s  %s\n", "", "loss", "accuracy", "s to 97%", "samples/s", "kernels", "ended");
  }
  fflush(stdout);
}

/* ---- after one -------------------------------------------------------------------------------------------------- */

static void print_end(const struct outcome *o) {
  const struct training_record *r = &o->record;
  char samples[32];
  printf("\n%s after %zu epoch%s: %zu steps, %s samples in %.3g s, %.0f samples/s", training_status_name(r->status),
         r->epoch, r->epoch == 1 ? "" : "s", r->step, with_commas(r->samples, samples), r->seconds, training_speed(r));
  printf("; %.0f%% of the time in kernels\n", 100 * o->kernel_share);
  if (!isnan(r->best_validation_loss))
    printf("the parameters are those of epoch %zu, the best by the validation loss\n", r->best_epoch);
}

/* Of a class that was never predicted, or is not there, nobody knows it. */
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
  static const double accuracies[] = {0.90, 0.95, 0.97, 0.98};
  printf("seconds of training to");
  for (int i = 0; i < 4; i++) {
    size_t step;
    const double seconds = training_seconds_to(&o->record, accuracies[i], &step);
    printf("%s %.0f%%: ", i ? "," : "", 100 * accuracies[i]);
    if (isnan(seconds))
      fputs("not reached", stdout);
    else
      printf("%.3g", seconds);
  }
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
  double all = 0;
  for (int i = 0; i < o->kernels; i++) sorted[i] = &o->kernel[i], all += o->kernel[i].seconds;
  if (!(all > 0)) return;
  qsort(sorted, (size_t)o->kernels, sizeof *sorted, by_seconds);
  printf("\n  %-36s %-22s %7s %9s %9s %6s  %s\n", "kernel", "", "share", "us/call", "Gflop/s", "limit", "bound by");
  for (int i = 0; i < o->kernels; i++) {
    const struct kernel_outcome *k = sorted[i];
    printf("  %-36s %-22s", k->name, k->words);
    print_share(7, k->seconds / all * o->kernel_share);
    table_three(9, 1e6 * k->seconds / (double)k->calls);
    table_three(9, 1e-9 * k->flops_per_element * k->elements / k->seconds);
    if (isnan(k->limit.percent.median))
      printf(" %6s  -\n", "-");
    else
      printf(" %5.0f%%  %s\n", k->limit.percent.median, kernel_limit_words(&k->limit));
  }
  printf("  %-36s %-22s", "bringing batches together", "");
  print_share(7, o->data_share);
  printf("\n  %-36s %-22s", "everything else", "");
  print_share(7, 1 - o->kernel_share - o->data_share);
  puts("\n\n  limit: percent of what this machine can attain, the larger of the twin's time (memory) and the core's");
}

static void print_line(const struct outcome *o) {
  const struct training_record *r = &o->record;
  printf("%-44s %9.4g", o->name, r->latest.train_loss);
  print_share(9, o->test.confusion ? o->test.accuracy : NAN);
  size_t step;
  const double seconds = training_seconds_to(r, 0.97, &step);
  if (isnan(seconds))
    printf(" %9s", "-");
  else
    printf(" %9.3g", seconds);
  printf(" %12.0f", training_speed(r));
  print_share(8, o->kernel_share);
  printf("  %s\n", training_status_name(r->status));
  fflush(stdout);
}

void train_report_outcome(const struct outcome *o, size_t trainings) {
  if (trainings > 1) {
    print_line(o);
    return;
  }
  print_end(o);
  print_quality(o);
  print_classes(&o->test);
  print_kernels(o);
  fflush(stdout);
}

/* ---- after all -------------------------------------------------------------------------------------------------- */

static void print_fits(const struct session *s) {
  if (!s->fits) return;
  printf("\n%-44s %-9s %12s %12s %10s %9s\n", "known solutions", "", "value", "expected", "off by", "allowed");
  for (size_t i = 0; i < s->fits; i++) {
    const struct fit *f = &s->fit[i];
    printf("%-44s %-9s %12.7g %12.7g %10.2g %9.2g  %s%s\n", f->part, f->parameter, f->value + 0.0, f->expected + 0.0,
           fabs(f->value - f->expected), f->tolerance, f->held ? "held" : "MISSED",
           f->expected == 0 && f->held ? ", exactly zero" : "");
  }
}

static const struct outcome *scalar_of(const struct session *s, const struct outcome *o) {
  for (size_t i = 0; i < s->outcomes; i++)
    if (sameness_kind(&s->outcome[i], o) && strcmp(s->outcome[i].isa, "scalar") == 0 && s->outcome[i].threads == 1)
      return &s->outcome[i];
  return NULL;
}

static size_t count_kind(const struct session *s, size_t i, size_t *before) {
  size_t all = 0;
  *before = 0;
  for (size_t k = 0; k < s->outcomes; k++)
    if (sameness_kind(&s->outcome[k], &s->outcome[i])) all++, *before += k < i;
  return all;
}

/* The number under which a reason is told below the table; a new one is noted. */
static int note(const char *why, const char *notes[], int *count) {
  enum { MOST = 4 };
  for (int i = 0; i < *count; i++)
    if (strcmp(notes[i], why) == 0) return i + 1;
  if (*count < MOST) notes[(*count)++] = why;
  return *count;
}

static void print_kind(const struct session *s, size_t first) {
  const struct outcome *reference = sameness_reference(s->outcome, s->outcomes, &s->outcome[first]);
  const struct outcome *scalar = scalar_of(s, reference);
  const char *notes[4];
  int count = 0;
  printf("\n%-44s %12s %9s  %s\n", "implementations and threads", "samples/s", "scalar", "parameters at the end");
  for (size_t i = first; i < s->outcomes; i++) {
    const struct outcome *o = &s->outcome[i];
    if (!sameness_kind(o, reference)) continue;
    printf("%-44s %12.0f", o->name, training_speed(&o->record));
    if (scalar)
      printf(" %8.2fx", training_speed(&o->record) / training_speed(&scalar->record));
    else
      printf(" %9s", "-");
    printf("  %016llx, ", (unsigned long long)o->hash);
    const char *why = sameness_excuse(o, reference);
    if (o->hash == reference->hash)
      puts("the same bits");
    else
      printf("other bits (%d)\n",
             note(why ? why : "it should have the same: THIS IS A FAULT IN GRADMARK", notes, &count));
  }
  for (int i = 0; i < count; i++) printf("  (%d) %s\n", i + 1, notes[i]);
}

static void print_compression(const struct session *s) {
  if (!s->compressions) return;
  const struct compressed *first = &s->compressed[0];
  printf("\n%-36s %12s %12s %10s %8s %9s\n", "compressed", "parameters", "not zero", "size", "smaller", "accuracy");
  for (int i = 0; i < s->compressions; i++) {
    const struct compressed *c = &s->compressed[i];
    char parameters[32], nonzero[32], size[32];
    printf("%-36s %12s %12s %10s %7.1fx", c->part, with_commas(c->model.parameters, parameters),
           with_commas(c->nonzero, nonzero), table_bytes(c->bytes, size, sizeof size), first->bytes / c->bytes);
    print_share(9, c->accuracy);
    putchar('\n');
  }
  puts("\nsize: f32 or int8 values, scales, f32 biases; of pruned ones a 16-bit column per value and where rows begin");
}

void train_report_end(const struct session *s) {
  print_fits(s);
  for (size_t i = 0; i < s->outcomes; i++) {
    size_t before;
    if (count_kind(s, i, &before) > 1 && before == 0) print_kind(s, i);
  }
  print_compression(s);
  printf("\n%zu kernels were proved before they trained, in %.1f s\n", s->proved.count, s->proved.seconds);
}
