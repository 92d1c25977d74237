#include "run/threads_cost.h"

#include <math.h>
#include <stdio.h>

#include "machine/clock.h"
#include "measure/group.h"
#include "measure/statistics.h"

enum { SAMPLES = 15, ELEMENTS_PER_LINE = 16 };

/* Median seconds of one call. */
static double time_call(const gm_impl *impl, int threads, const gm_frame *frame) {
  double seconds[SAMPLES];
  for (int i = 0; i < SAMPLES; i++) {
    const long calls = 20;
    const double start = clock_seconds();
    for (long c = 0; c < calls; c++) gm_call_unchecked(impl, threads, frame);
    seconds[i] = (clock_seconds() - start) / (double)calls;
  }
  return median(seconds, SAMPLES);
}

struct threads_cost threads_cost_measure(const gm_impl *impl, const struct machine *machine, int threads,
                                         const struct arena_settings *settings) {
  struct threads_cost cost = {.threads = threads, .pays_from = INFINITY};
  snprintf(cost.impl, sizeof cost.impl, "%s", impl->name);
  const size_t most = (size_t)1 << 20;
  struct group group;
  struct group_memory memory;
  if (threads < 2 || impl->op->shape != GM_ELEMENTWISE) return cost;
  group_memory_open(&memory, machine, settings);
  if (!group_open(&group, impl->op, 16.0 * (double)most, threads, machine, &memory, false)) {
    group_memory_close(&memory);
    return cost;
  }
  gm_frame frame = group.frame;
  frame.size[0] = (size_t)threads * ELEMENTS_PER_LINE;
  time_call(impl, threads, &frame); /* the first call makes the threads */
  cost.entry_seconds = time_call(impl, threads, &frame) - time_call(impl, 1, &frame);
  /* From small to large: the first of two sizes in a row at which the threads pay. */
  bool paid = false;
  for (size_t n = frame.size[0]; n <= group.frame.size[0]; n = n * 5 / 4) {
    gm_frame part = group.frame;
    part.size[0] = n / ELEMENTS_PER_LINE * ELEMENTS_PER_LINE;
    const bool pays = time_call(impl, threads, &part) < time_call(impl, 1, &part);
    if (pays && paid) break;
    cost.pays_from = pays ? (double)n : INFINITY;
    paid = pays;
  }
  cost.known = true;
  group_close(&group);
  group_memory_close(&memory);
  return cost;
}
