#include "run/ladder.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>

#include "run/levels.h"

static const double FIRST = 4 << 10;
static const double TOP_WITHOUT_CACHES = 64 << 20;

static double last_capacity(const struct machine *machine, int threads) {
  for (int level = LEVEL_DRAM - 1; level >= LEVEL_L1; level--) {
    const double bytes = level_capacity(machine, level, threads);
    if (bytes > 0) return bytes;
  }
  return TOP_WITHOUT_CACHES / 2;
}

struct ladder ladder_make(const struct machine *machine, int threads) {
  const double top = 2 * last_capacity(machine, threads);
  struct ladder ladder = {.count = 0};
  for (double octave = FIRST; ladder.count < LADDER_MOST; octave *= 2)
    for (int half = 0; half < 2; half++) {
      const double rung = octave + half * octave / 2;
      if (rung > level_memory_bound(machine)) return ladder.shortened = true, ladder;
      ladder.rung[ladder.count++] = rung;
      if (rung >= top) return ladder;
    }
  return ladder;
}

const char *ladder_name(double rung, char *text, size_t size) {
  static const char *const units[] = {"KiB", "MiB", "GiB"};
  uint64_t number = (uint64_t)(rung / 1024);
  int unit = 0;
  while (unit < 2 && number % 1024 == 0) number /= 1024, unit++;
  snprintf(text, size, "%llu%s", (unsigned long long)number, units[unit]);
  return text;
}
