#include "train/training.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "hash.h"
#include "machine/clock.h"
#include "sorted.h"
#include "terminal/interrupt.h"

enum { POINTS_WANTED = 1000 };

/* A loss that has grown this much over the first one does not come back. */
static const double DIVERGED = 1000;

const double training_accuracies[TRAINING_ACCURACIES] = {0.90, 0.95, 0.97, 0.98};

const char *training_status_name(enum training_status status) {
  static const char *const names[] = {"finished", "stopped early", "diverged", "interrupted", "failed"};
  return names[status];
}

/* ---- open and close --------------------------------------------------------------------------------------------- */

static bool set_lr(struct training *t) {
  struct kernel_call *call = &t->network->call[t->network->optimizer_call];
  kernel_call_hyper(call, "lr", t->settings.lr);
  return kernel_call_check(call);
}

bool training_open(struct training *t, const struct training_settings *settings, const struct training_data *data,
                   struct network *network) {
  *t = (struct training){.settings = *settings, .data = *data, .network = network};
  t->record.best_validation_loss = NAN;
  if (!set_lr(t)) return false;
  const struct model *model = network->model;
  const size_t steps = training_steps_per_epoch(t) * settings->epochs;
  t->record.point_every = steps / POINTS_WANTED + 1;
  t->record.evaluation_every = settings->epochs * settings->evaluations_per_epoch / POINTS_WANTED + 1;
  t->record.point = calloc(TRAINING_MOST_POINTS, sizeof *t->record.point);
  t->record.evaluation = calloc(TRAINING_MOST_POINTS, sizeof *t->record.evaluation);
  if (data->validation.count) t->best = calloc(model->floats, sizeof(float));
  if (!t->record.point || !t->record.evaluation || (data->validation.count && !t->best)) {
    training_close(t);
    return cli_fail("no memory for the training's record"), false;
  }
  init_params(model, settings->init, settings->seed, network->params);
  return true;
}

void training_close(struct training *t) {
  free(t->record.point);
  free(t->record.evaluation);
  free(t->best);
  *t = (struct training){0};
}

size_t training_steps_per_epoch(const struct training *t) {
  return (t->data.train.count + t->settings.batch - 1) / t->settings.batch;
}

/* ---- evaluations ------------------------------------------------------------------------------------------------- */

static bool finite_params(const struct network *n) {
  for (size_t i = 0; i < n->model->trained; i++)
    if (!isfinite(n->params[i])) return false;
  return true;
}

static void keep_evaluation(struct training_record *r) {
  if (r->evaluations < TRAINING_MOST_POINTS) r->evaluation[r->evaluations++] = r->latest;
}

static bool evaluate_now(struct training *t, double epoch, double train_loss) {
  struct training_record *r = &t->record;
  const double start = clock_seconds();
  struct evaluation test = {.loss = NAN, .accuracy = NAN}, validation = test;
  bool done = true;
  if (t->data.test.count) done = evaluate(t->network, &t->data.test, false, &test);
  if (t->data.validation.count) done = done && evaluate(t->network, &t->data.validation, false, &validation);
  r->evaluation_seconds += clock_seconds() - start;
  r->latest = (struct training_evaluation){(double)r->step,     epoch,     r->seconds,   train_loss, validation.loss,
                                           validation.accuracy, test.loss, test.accuracy};
  if (r->evaluated++ % r->evaluation_every == 0) keep_evaluation(r);
  return done;
}

/* Keeps the parameters if they are the best so far. */
static void keep_best(struct training *t) {
  struct training_record *r = &t->record;
  if (!t->best) return;
  const double loss = r->latest.validation_loss;
  if (isnan(r->best_validation_loss) || loss < r->best_validation_loss) {
    r->best_validation_loss = loss;
    r->best_epoch = r->epoch;
    memcpy(t->best, t->network->params, t->network->model->floats * sizeof(float));
  }
}

/* It has waited for a better validation loss as long as it was told to. */
static bool patience_ended(const struct training *t) {
  return t->best && t->settings.patience && t->record.epoch - t->record.best_epoch >= t->settings.patience;
}

/* ---- the loop --------------------------------------------------------------------------------------------------- */

static void note_step(struct training *t, double loss, double lr) {
  struct training_record *r = &t->record;
  if (r->step < TRAINING_FIRST_LOSSES) r->first_losses[r->step] = loss;
  r->last_loss = loss;
  r->step++;
  if ((r->step - 1) % r->point_every == 0 && r->points < TRAINING_MOST_POINTS)
    r->point[r->points++] = (struct training_point){
        (double)r->step, (double)r->step / (double)training_steps_per_epoch(t), r->seconds, loss, lr};
}

static bool has_diverged(const struct training_record *r, double loss) {
  return !isfinite(loss) || loss > DIVERGED * (1 + r->first_losses[0]);
}

/* Steps from one evaluation to the next; TRAINING_FINISHED if all went well. */
static enum training_status some_steps(struct training *t, const struct training_watch *watch, const uint32_t *order,
                                       size_t first, size_t end, double *mean_loss) {
  const struct training_settings *s = &t->settings;
  struct training_record *r = &t->record;
  const size_t each = training_steps_per_epoch(t), all = each * s->epochs;
  double sum = 0;
  for (size_t i = first; i < end; i++) {
    if (interrupt_came()) return TRAINING_INTERRUPTED;
    const size_t at = i * s->batch, left = t->data.train.count - at, count = left < s->batch ? left : s->batch;
    const double lr = schedule_lr(&s->schedule, s->lr, r->step, all, each);
    double loss;
    const double start = clock_seconds();
    network_load(t->network, &t->data.train, order + at, count);
    network_set_step(t->network, lr, (double)(r->step + 1));
    if (!network_step(t->network, count, &loss)) return cli_fail("no memory for a step"), TRAINING_FAILED;
    r->seconds += clock_seconds() - start;
    note_step(t, loss, lr);
    r->samples += count;
    if (has_diverged(r, loss)) return TRAINING_DIVERGED;
    sum += loss;
    watch->step(watch->context, loss);
  }
  *mean_loss = sum / (double)(end - first);
  return TRAINING_FINISHED;
}

static enum training_status one_epoch(struct training *t, const struct training_watch *watch, uint32_t *order) {
  struct training_record *r = &t->record;
  const size_t steps = training_steps_per_epoch(t);
  const size_t evaluations = t->settings.evaluations_per_epoch < steps ? t->settings.evaluations_per_epoch : steps;
  samples_order(order, t->data.train.count, t->settings.seed, r->epoch, t->settings.shuffle);
  for (size_t k = 0; k < evaluations; k++) {
    const size_t first = steps * k / evaluations, end = steps * (k + 1) / evaluations;
    double mean_loss;
    const double start = clock_seconds(), ran = clock_thread_seconds();
    const enum training_status status = some_steps(t, watch, order, first, end, &mean_loss);
    if (status != TRAINING_FINISHED) return status;
    r->waited_seconds += (clock_seconds() - start) - (clock_thread_seconds() - ran);
    if (k + 1 == evaluations && !finite_params(t->network)) return TRAINING_DIVERGED;
    const double epoch = (double)r->epoch + (double)(k + 1) / (double)evaluations;
    if (!evaluate_now(t, epoch, mean_loss)) return TRAINING_FAILED;
  }
  return TRAINING_FINISHED;
}

static enum training_status run_epochs(struct training *t, const struct training_watch *watch, uint32_t *order) {
  struct training_record *r = &t->record;
  if (r->evaluations == 0 && !evaluate_now(t, 0, NAN)) return TRAINING_FAILED;
  /* What is resumed may have come to its end before. */
  while (r->epoch < t->settings.epochs && !patience_ended(t)) {
    const enum training_status status = one_epoch(t, watch, order);
    if (status != TRAINING_FINISHED) return status;
    r->epoch++;
    keep_best(t);
    if (!watch->epoch(watch->context)) return TRAINING_FAILED;
  }
  return patience_ended(t) ? TRAINING_STOPPED_EARLY : TRAINING_FINISHED;
}

enum training_status training_run(struct training *t, const struct training_watch *watch) {
  uint32_t *order = malloc(t->data.train.count * sizeof *order);
  if (!order) {
    cli_fail("no memory for the order of the samples");
    return t->record.status = TRAINING_FAILED;
  }
  t->record.status = run_epochs(t, watch, order);
  free(order);
  if (t->record.evaluations && t->record.evaluation[t->record.evaluations - 1].step != t->record.latest.step)
    keep_evaluation(&t->record);
  if (t->best && training_ended(&t->record)) network_set_params(t->network, t->best);
  return t->record.status;
}

/* ---- what it came to -------------------------------------------------------------------------------------------- */

bool training_ended(const struct training_record *r) {
  return r->status == TRAINING_FINISHED || r->status == TRAINING_STOPPED_EARLY;
}

double training_seconds(const struct training_record *r) { return r->seconds - r->seconds_before; }

double training_speed(const struct training_record *r) {
  return (double)(r->samples - r->samples_before) / training_seconds(r);
}

void training_speed_range(const struct training_record *r, double *low, double *high) {
  enum { FEWEST = 4 };
  double speed[TRAINING_MOST_POINTS];
  size_t count = 0;
  *low = *high = NAN;
  if (!(r->step > 0)) return;
  const double samples_per_step = (double)r->samples / (double)r->step;
  for (size_t i = 1; i < r->evaluations; i++) {
    const struct training_evaluation *from = &r->evaluation[i - 1], *to = &r->evaluation[i];
    if (from->seconds >= r->seconds_before && to->seconds > from->seconds)
      speed[count++] = samples_per_step * (to->step - from->step) / (to->seconds - from->seconds);
  }
  if (count < FEWEST) return;
  qsort(speed, count, sizeof *speed, ascending);
  *low = speed[count / 10];
  *high = speed[count - 1 - count / 10];
}

double training_kernel_share(const struct training *t) {
  double sum = 0;
  for (int i = 0; i < t->network->calls; i++) sum += t->network->call[i].seconds;
  return sum / training_seconds(&t->record);
}

double training_seconds_to(const struct training_record *r, double accuracy, size_t *step) {
  for (size_t i = 0; i < r->evaluations; i++)
    if (r->evaluation[i].test_accuracy >= accuracy) {
      *step = (size_t)r->evaluation[i].step;
      return r->evaluation[i].seconds;
    }
  *step = 0;
  return NAN;
}

uint64_t training_hash(const struct network *n) {
  return hash_add(HASH_BEGIN, n->params, n->model->trained * sizeof(float));
}
