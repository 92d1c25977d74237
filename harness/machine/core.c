#include "machine/core.h"

#include <omp.h>
#include <string.h>

#include "machine/clock.h"
#include "sorted.h"

#define ISA(isa, ...)                                                \
  extern const core_loops gm_core_loops_##isa __attribute__((weak)); \
  extern const assembly gm_assembly_##isa __attribute__((weak));
#include "isas.def"

/* A pointer is NULL where this build has no such object: the symbols are weak. */
static const struct {
  const char *isa;
  const core_loops *loops;
  const assembly *assembly;
} all[] = {
#define ISA(isa, ...) {#isa, &gm_core_loops_##isa, &gm_assembly_##isa},
#include "isas.def"
};
enum { ALL = sizeof all / sizeof *all };

const core_loops *core_loops_of(const char *isa) {
  for (size_t i = 0; i < ALL; i++)
    if (strcmp(all[i].isa, isa) == 0) return all[i].loops;
  return NULL;
}

const assembly *assembly_of(const char *isa) {
  for (size_t i = 0; i < ALL; i++)
    if (strcmp(all[i].isa, isa) == 0) return all[i].assembly;
  return NULL;
}

const char *core_kind_description(enum core_kind kind) {
  static const char *const kinds[CORE_KINDS] = {
      [CORE_FMA] = "FMA",          [CORE_DIVIDE] = "divide/sqrt",
      [CORE_SQRT] = "divide/sqrt", [CORE_OTHER] = "other arithmetic",
      [CORE_LOAD] = "load/store",  [CORE_STORE] = "load/store",
  };
  return kinds[kind];
}

/* Seconds that `turns` turns take while every thread runs them: the mean over the threads. */
static double time_loop(const core_loops *loops, enum core_kind kind, int threads, size_t turns) {
  double sum = 0;
  int ran = 0;
#pragma omp parallel num_threads(threads) reduction(+ : sum, ran) if (threads > 1)
  {
    float page[CORE_PAGE_FLOATS] __attribute__((aligned(64)));
    for (int i = 0; i < CORE_PAGE_FLOATS; i++) page[i] = 1;
#pragma omp barrier
    const double start = clock_seconds();
    loops->run[kind](turns, page);
    sum += clock_seconds() - start;
    ran++;
  }
  return sum / ran;
}

int core_each(enum core_kind kind) {
  return kind == CORE_FMA ? CORE_FMA_CHAINS : kind == CORE_OTHER ? CORE_EACH * CORE_OF_MAXIMUM : CORE_EACH;
}

struct core_times core_measure(const core_loops *loops, int threads) {
  enum { REPEATS = 5 };
  const double least = 20e-6;
  struct core_times times = {.width = loops->width, .fused = loops->fused};
  for (int kind = 0; kind < CORE_KINDS; kind++) {
    size_t turns = 256;
    while (time_loop(loops, (enum core_kind)kind, threads, turns) < least && turns < (size_t)1 << 30) turns *= 2;
    double each[REPEATS];
    for (int repeat = 0; repeat < REPEATS; repeat++)
      each[repeat] = time_loop(loops, (enum core_kind)kind, threads, turns);
    times.seconds[kind] = median(each, REPEATS) / (double)turns / core_each((enum core_kind)kind);
  }
  return times;
}

enum core_kind core_bound_by(const struct core_times *times, const struct operations *operations) {
  const double *count = operations->count, *t = times->seconds;
  const double of_fma = times->fused ? 1 : 0.5; /* of a multiply-add's time, for a lone addition or multiplication */
  const double taken[CORE_KINDS] = {
      [CORE_FMA] = (count[OPERATION_FMA] + of_fma * count[OPERATION_ARITHMETIC]) * t[CORE_FMA],
      [CORE_DIVIDE] = count[OPERATION_DIVIDE] * t[CORE_DIVIDE] + count[OPERATION_SQRT] * t[CORE_SQRT],
      [CORE_OTHER] = count[OPERATION_OTHER] * t[CORE_OTHER],
      [CORE_LOAD] = count[OPERATION_LOAD] * t[CORE_LOAD],
      [CORE_STORE] = count[OPERATION_STORE] * t[CORE_STORE],
  };
  enum core_kind longest = CORE_FMA;
  for (int kind = 0; kind < CORE_KINDS; kind++)
    if (taken[kind] > taken[longest]) longest = (enum core_kind)kind;
  return longest;
}
