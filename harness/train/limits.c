#include "train/limits.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "machine/clock.h"
#include "machine/limits_isa.h"
#include "machine/twin.h"

enum { ROUNDS = 15, WARM_UP = 3 };
static const double LONGEST = 2; /* seconds; a slow implementation gets fewer rounds */

const char *kernel_limit_words(const struct kernel_limit *limit) {
  return limit->by_memory ? "moving data" : core_unit_words(limit->unit);
}

struct timing {
  struct twin twin;
  double kernel[ROUNDS], twin_times[ROUNDS];
};

/* Everything that a step changes and the next one reads. */
struct kept {
  float *params, *state[NETWORK_MOST_STATES];
  int states;
};

static float *copy_of(const float *from, size_t count) {
  float *copy = malloc(count * sizeof *copy);
  if (copy) memcpy(copy, from, count * sizeof *copy);
  return copy;
}

static bool keep(const struct network *n, struct kept *kept) {
  *kept = (struct kept){.params = copy_of(n->params, n->model->floats)};
  if (!kept->params) return false;
  for (; kept->states < n->states; kept->states++) {
    float *state = copy_of(n->state[kept->states], n->model->trained);
    if (!state) return false;
    kept->state[kept->states] = state;
  }
  return true;
}

static void put_back(struct network *n, const struct kept *kept) {
  memcpy(n->params, kept->params, n->model->floats * sizeof(float));
  for (int i = 0; i < kept->states; i++) memcpy(n->state[i], kept->state[i], n->model->trained * sizeof(float));
}

static void forget(struct kept *kept) {
  free(kept->params);
  for (int i = 0; i < kept->states; i++) free(kept->state[i]);
}

static void time_kernels(struct network *n, struct timing *timing, int round, size_t count) {
  for (int i = 0; i < n->calls; i++) {
    const double start = clock_seconds();
    kernel_call_run(&n->call[i], n->wish.threads, count);
    timing[i].kernel[round] = clock_seconds() - start;
  }
}

static void time_twins(const struct network *n, struct timing *timing, int round) {
  for (int i = 0; i < n->calls; i++) {
    const double start = clock_seconds();
    gm_call_unchecked(&timing[i].twin.impl, n->wish.threads, &timing[i].twin.frame);
    timing[i].twin_times[round] = clock_seconds() - start;
  }
}

static void take_rounds(struct network *n, struct timing *timing, const struct kept *kept, size_t count, int *rounds) {
  const double start = clock_seconds();
  for (int round = -WARM_UP; round < ROUNDS; round++) {
    if (clock_seconds() - start > LONGEST && round > 0) break;
    const int at = round < 0 ? 0 : round;
    time_kernels(n, timing, at, count);
    time_twins(n, timing, at);
    put_back(n, kept);
    *rounds = at + 1;
  }
}

/* Seconds of the arithmetic of a call, by the mean of what the core's loops took before and after. */
static struct core_limit core_of(const struct network *n, const struct kernel_call *call,
                                 const struct core_times *before, unsigned cores) {
  const gm_op *op = call->impl->op;
  struct core_times times = core_measure(core_loops_of(limits_isa_of(n->wish.library, call->impl)));
  for (int unit = 0; unit < CORE_UNITS; unit++) times.seconds[unit] = (times.seconds[unit] + before->seconds[unit]) / 2;
  struct operations operations = {0};
  (void)operations_of(op, limits_isa_of(n->wish.library, call->impl), &operations);
  struct core_limit limit = core_limit_of(&times, &operations);
  limit.seconds *= (double)gm_elements(op, &call->frame) / fmin(n->wish.threads, cores);
  return limit;
}

static struct kernel_limit judge(const struct network *n, int i, struct timing *timing, int rounds,
                                 const struct core_times *before, unsigned cores) {
  const struct core_limit core = core_of(n, &n->call[i], before, cores);
  double percent[ROUNDS];
  for (int r = 0; r < rounds; r++) percent[r] = 100 * fmax(timing->twin_times[r], core.seconds) / timing->kernel[r];
  const double twin = summarize(timing->twin_times, (size_t)rounds).median;
  return (struct kernel_limit){
      .percent = summarize(percent, (size_t)rounds), .by_memory = twin >= core.seconds, .unit = core.bound_by};
}

static bool open_twins(const struct network *n, struct timing *timing, size_t count) {
  for (int i = 0; i < n->calls; i++) {
    const struct kernel_call *call = &n->call[i];
    gm_frame frame = call->frame;
    if (call->per_sample) frame.size[0] = call->per_sample * count;
    const gm_body *twin = twin_body(limits_isa_of(n->wish.library, call->impl));
    if (!twin_open(&timing[i].twin, call->impl->op, &frame, n->wish.threads, twin)) return false;
  }
  return true;
}

bool limits_measure(struct network *n, const struct samples *samples, unsigned cores, struct kernel_limit *limits) {
  struct timing *timing = calloc((size_t)n->calls, sizeof *timing);
  struct kept kept = {0};
  const size_t count = samples->count < n->wish.batch ? samples->count : n->wish.batch;
  uint32_t *order = malloc(count * sizeof *order);
  int rounds = 0;
  bool done = timing && order && keep(n, &kept) && open_twins(n, timing, count);
  if (done) {
    for (size_t i = 0; i < count; i++) order[i] = (uint32_t)i;
    const double data_seconds = n->data_seconds;
    network_load(n, samples, order, count);
    n->data_seconds = data_seconds;
    struct core_times before[NETWORK_MOST_CALLS] = {0};
    for (int i = 0; i < n->calls; i++)
      before[i] = core_measure(core_loops_of(limits_isa_of(n->wish.library, n->call[i].impl)));
    take_rounds(n, timing, &kept, count, &rounds);
    for (int i = 0; i < n->calls; i++) limits[i] = judge(n, i, &timing[i], rounds, &before[i], cores);
  }
  for (int i = 0; timing && i < n->calls; i++) twin_close(&timing[i].twin);
  forget(&kept);
  free(timing);
  free(order);
  return done;
}
