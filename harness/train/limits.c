#include "train/limits.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "machine/clock.h"
#include "machine/limit.h"

enum { ROUNDS = 15, WARM_UP = 3 };
static const double LONGEST = 2; /* seconds; a slow implementation gets fewer rounds */

struct timing {
  struct limits limits;
  double kernel[ROUNDS], twin[ROUNDS], core_twin[ROUNDS];
};

/* Everything that a step changes and the next one reads: the parameters, then the optimizer's state. Copied there, or
 * put back. */
static void copy_state(struct network *n, float *copy, bool back) {
  for (int i = -1; i < n->states; i++) {
    float *state = i < 0 ? n->params : n->state[i];
    const size_t count = i < 0 ? n->model->floats : n->model->trained;
    memcpy(back ? state : copy, back ? copy : state, count * sizeof *copy);
    copy += count;
  }
}

static void time_kernels(struct network *n, struct timing *timing, int round, size_t count) {
  for (int i = 0; i < n->calls; i++) {
    const double start = clock_seconds();
    kernel_call_run(&n->call[i], n->config.threads, count);
    timing[i].kernel[round] = clock_seconds() - start;
  }
}

static void time_twins(const struct network *n, struct timing *timing, int round) {
  for (int i = 0; i < n->calls; i++) timing[i].twin[round] = limit_time(&timing[i].limits.twin, n->config.threads, 1);
  for (int i = 0; i < n->calls; i++)
    timing[i].core_twin[round] = limit_time(&timing[i].limits.core_twin, n->config.threads, 1);
}

static void take_rounds(struct network *n, struct timing *timing, float *state, size_t count, int *rounds) {
  const double start = clock_seconds();
  for (int round = -WARM_UP; round < ROUNDS; round++) {
    if (clock_seconds() - start > LONGEST && round > 0) break;
    const int at = round < 0 ? 0 : round;
    time_kernels(n, timing, at, count);
    time_twins(n, timing, at);
    copy_state(n, state, true);
    *rounds = at + 1;
  }
}

static struct kernel_limit judge(const gm_op *op, const struct timing *t, size_t rounds) {
  if (lower_quartile(t->twin, rounds) >= lower_quartile(t->core_twin, rounds))
    return (struct kernel_limit){attained_percent(t->twin, t->kernel, rounds), "moving data"};
  return (struct kernel_limit){attained_percent(t->core_twin, t->kernel, rounds),
                               limits_core_description(&t->limits, op)};
}

static void open_limits(const struct network *n, struct timing *timing, size_t count) {
  for (int i = 0; i < n->calls; i++) {
    const struct kernel_call *call = &n->call[i];
    gm_frame frame = call->frame;
    if (call->per_sample) frame.size[0] = call->per_sample * count;
    limits_open(&timing[i].limits, n->config.library, call->impl, &frame, n->config.threads);
  }
}

bool limits_measure(struct network *n, const struct samples *samples, struct kernel_limit *limits) {
  struct timing *timing = calloc((size_t)n->calls, sizeof *timing);
  float *state = malloc((n->model->floats + (size_t)n->states * n->model->trained) * sizeof *state);
  const size_t count = samples->count < n->config.batch ? samples->count : n->config.batch;
  uint32_t *order = malloc(count * sizeof *order);
  int rounds = 0;
  const bool done = timing && order && state;
  if (done) {
    for (size_t i = 0; i < count; i++) order[i] = (uint32_t)i;
    const double data_seconds = n->data_seconds;
    network_load(n, samples, order, count);
    n->data_seconds = data_seconds;
    open_limits(n, timing, count);
    copy_state(n, state, false);
    take_rounds(n, timing, state, count, &rounds);
    for (int i = 0; i < n->calls; i++) limits[i] = judge(n->call[i].impl->op, &timing[i], (size_t)rounds);
  }
  free(state);
  free(timing);
  free(order);
  return done;
}
