#include "measure/levels.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *const level_names[LEVELS] = {"L1", "L2", "L3", "DRAM"};

int level_named(const char *name) {
  for (int level = 0; level < LEVELS; level++)
    if (strcmp(level_names[level], name) == 0) return level;
  return -1;
}

/* So near to a capacity, to either side, a set is partly in the level and partly in the next. */
static const double NEAR = 1.5;

double level_capacity(const struct machine *machine, int level, int threads) {
  const struct machine_cache *cache = &machine->cache[level];
  const double sharers = cache->usable_by && machine->smt ? (double)cache->usable_by / machine->smt : 1;
  double copies = ceil(threads / fmax(1, sharers));
  if (cache->count && copies > cache->count) copies = cache->count;
  return copies * (double)cache->bytes;
}

static double nearest_below(const struct machine *machine, int level, int threads) {
  while (--level >= LEVEL_L1)
    if (machine->cache[level].bytes) return level_capacity(machine, level, threads);
  return 0;
}

/* The most that a working set may take: a quarter of the memory that is available; infinite where that is not known. */
static double level_memory_bound(const struct machine *machine) {
  return machine->memory.available ? (double)machine->memory.available / 4 : INFINITY;
}

static struct working_set in_memory(const struct machine *machine, int threads, double factor) {
  const double mebibyte = 1 << 20;
  const double cache = nearest_below(machine, LEVEL_DRAM, threads);
  const double wanted = fmax(64 * mebibyte, factor * cache);
  struct working_set set = {.bytes = wanted};
  if (set.bytes > level_memory_bound(machine)) {
    set.bytes = level_memory_bound(machine);
    set.shrunk = true;
    set.border = set.bytes < NEAR * cache;
  }
  return set;
}

struct residence level_of_set(const struct machine *machine, double bytes, int threads) {
  struct residence residence = {.level = LEVEL_DRAM};
  for (int level = LEVEL_DRAM - 1; level >= LEVEL_L1; level--) {
    const double here = level_capacity(machine, level, threads);
    if (here <= 0) continue;
    if (bytes <= here) residence.level = level;
    if (bytes > here / NEAR && bytes < here * NEAR) residence.border = true;
  }
  return residence;
}

struct working_set level_working_set(const struct machine *machine, int level, int threads, double factor) {
  if (level == LEVEL_DRAM) return in_memory(machine, threads, factor);
  if (!machine->cache[level].bytes) return (struct working_set){0};
  const double here = level_capacity(machine, level, threads), below = nearest_below(machine, level, threads);
  if (below <= 0 || (level == LEVEL_L2 && here >= 4 * below)) return (struct working_set){.bytes = here / 2};
  return (struct working_set){.bytes = sqrt(here * below), .border = here < 2 * below};
}

struct sweep_sizes sweep_sizes(const struct machine *machine, int threads) {
  const double first = 4 << 10, without_caches = 32 << 20;
  const double last_cache = nearest_below(machine, LEVEL_DRAM, threads);
  const double top = 2 * (last_cache > 0 ? last_cache : without_caches);
  struct sweep_sizes sizes = {.count = 0};
  for (double octave = first; sizes.count < SWEEP_MOST_SIZES; octave *= 2)
    for (int half = 0; half < 2; half++) {
      const double bytes = octave + half * octave / 2;
      if (bytes > level_memory_bound(machine)) return sizes.shortened = true, sizes;
      sizes.bytes[sizes.count++] = bytes;
      if (bytes >= top) return sizes;
    }
  return sizes;
}

const char *sweep_size_name(double bytes, char *text, size_t size) {
  static const char *const units[] = {"KiB", "MiB", "GiB"};
  uint64_t number = (uint64_t)(bytes / 1024);
  int unit = 0;
  while (unit < 2 && number % 1024 == 0) number /= 1024, unit++;
  snprintf(text, size, "%llu%s", (unsigned long long)number, units[unit]);
  return text;
}
