#include "run/levels.h"

#include <math.h>
#include <string.h>

const char *const level_names[LEVELS] = {"L1", "L2", "L3", "DRAM"};

int level_named(const char *name) {
  for (int level = 0; level < LEVELS; level++)
    if (strcmp(level_names[level], name) == 0) return level;
  return -1;
}

/* What `threads` threads, one per core, have of a cache level together. */
static double capacity(const struct machine *machine, int level, int threads) {
  const struct machine_cache *cache = &machine->cache[level];
  const double sharers = cache->usable_by && machine->smt ? (double)cache->usable_by / machine->smt : 1;
  double copies = ceil(threads / fmax(1, sharers));
  if (cache->count && copies > cache->count) copies = cache->count;
  return copies * (double)cache->bytes;
}

static double nearest_below(const struct machine *machine, int level, int threads) {
  while (--level >= LEVEL_L1)
    if (machine->cache[level].bytes) return capacity(machine, level, threads);
  return 0;
}

static struct working_set in_memory(const struct machine *machine, int threads, double factor) {
  const double mebibyte = 1 << 20;
  const double cache = nearest_below(machine, LEVEL_DRAM, threads);
  const double wanted = fmax(64 * mebibyte, factor * cache);
  struct working_set set = {.bytes = wanted};
  if (machine->memory.available && set.bytes > (double)machine->memory.available / 4) {
    set.bytes = (double)machine->memory.available / 4;
    set.shrunk = true;
    set.border = set.bytes < 1.5 * cache;
  }
  return set;
}

struct working_set level_working_set(const struct machine *machine, int level, int threads, double factor) {
  if (level == LEVEL_DRAM) return in_memory(machine, threads, factor);
  if (!machine->cache[level].bytes) return (struct working_set){0};
  const double here = capacity(machine, level, threads), below = nearest_below(machine, level, threads);
  if (below <= 0 || (level == LEVEL_L2 && here >= 4 * below)) return (struct working_set){.bytes = here / 2};
  return (struct working_set){.bytes = sqrt(here * below), .border = here < 2 * below};
}
