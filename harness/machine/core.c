#include "machine/core.h"

#include <stdlib.h>
#include <string.h>

#include "if_built.h"
#include "machine/clock.h"

#define ISA(isa, ...) extern const core_loops gm_core_loops_##isa;
#include "isas.def"

const core_loops *core_loops_of(const char *isa) {
  static const struct {
    const char *isa;
    const core_loops *loops;
  } all[] = {
#define ISA(isa, ...) {#isa, GM_IF_BUILT(isa, &gm_core_loops_##isa)},
#include "isas.def"
  };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (strcmp(all[i].isa, isa) == 0) return all[i].loops;
  return NULL;
}

const char *core_unit_words(enum core_unit unit) {
  static const char *const units[CORE_UNITS] = {
      [CORE_FP] = "FMA",
      [CORE_DIVIDE] = "divide/root unit",
      [CORE_ROOT] = "divide/root unit",
      [CORE_DIVIDE_BY_ROOT] = "divide/root unit",
      [CORE_LOAD] = "load/store",
      [CORE_STORE] = "load/store",
  };
  return units[unit];
}

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

struct core_times core_measure(const core_loops *loops) {
  enum { TURNS = 300, REPEATS = 9 };
  struct core_times times = {.width = loops->width, .fused = loops->fused, .fast = loops->fast};
  for (int unit = 0; unit < CORE_UNITS; unit++) {
    double each[REPEATS];
    for (int repeat = 0; repeat < REPEATS; repeat++) {
      const double start = clock_seconds();
      const size_t vectors = loops->run((enum core_unit)unit, TURNS);
      each[repeat] = (clock_seconds() - start) / (double)vectors;
    }
    qsort(each, REPEATS, sizeof *each, ascending);
    times.seconds[unit] = each[REPEATS / 2];
  }
  return times;
}

struct core_limit core_limit_of(const struct core_times *times, const struct operations *operations) {
  const double *t = times->seconds, *count = operations->count;
  const double unit[CORE_UNITS] = {
      [CORE_FP] = (count[OPERATION_FMA] + count[OPERATION_ARITHMETIC] + count[OPERATION_OTHER]) * t[CORE_FP],
      [CORE_DIVIDE] = count[OPERATION_DIVIDE] * t[CORE_DIVIDE] + count[OPERATION_ROOT] * t[CORE_ROOT],
      [CORE_LOAD] = count[OPERATION_LOAD] * t[CORE_LOAD],
      [CORE_STORE] = count[OPERATION_STORE] * t[CORE_STORE],
  };
  struct core_limit limit = {0, CORE_FP};
  for (int u = 0; u < CORE_UNITS; u++)
    if (unit[u] > limit.seconds) limit = (struct core_limit){unit[u], (enum core_unit)u};
  limit.seconds /= times->width;
  return limit;
}
