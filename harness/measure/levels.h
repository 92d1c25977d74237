/* Where a working set lives, and which sizes a sweep takes. Sizes come from the topology, never from a constant. */
#ifndef GRADMARK_LEVELS_H
#define GRADMARK_LEVELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "machine/topology.h"

enum { LEVEL_L1, LEVEL_L2, LEVEL_L3, LEVEL_DRAM, LEVELS };

extern const char *const level_names[LEVELS];

/* The level's index; -1 if there is no such level. */
int level_named(const char *name);

struct working_set {
  double bytes; /* of all threads; 0: this machine has no such level, or shows none */
  bool border;  /* not well inside the level: there is no room between it and its neighbours */
  bool shrunk;  /* memory was too small for the size wanted */
};

/* L1 and L2: half of it, so that a call is long beside entering the threads. L3, and a small L2: the geometric mean of
 * the level and the one before, as far from both borders as can be.
 * DRAM: `factor` times the last cache, at least 64 MiB, at most a quarter of the memory that is available. Caches count
 * as often as `threads` threads reach one of their own. */
struct working_set level_working_set(const struct machine *machine, int level, int threads, double factor);

/* What `threads` threads, one per core, have of a cache level together; 0 where it is not there or not seen. */
double level_capacity(const struct machine *machine, int level, int threads);

struct residence {
  int level;
  bool border; /* within half as much again of what a level holds, to either side: partly here, partly there */
};

/* The first level that holds `bytes`. */
struct residence level_of_set(const struct machine *machine, double bytes, int threads);

/* The working sets of a sweep, in bytes of all threads: two per octave, 4, 6, 8, 12, 16, ... KiB, to the first past
 * twice the last cache. */
enum { SWEEP_MOST_SIZES = 80 };
struct sweep_sizes {
  double bytes[SWEEP_MOST_SIZES];
  size_t count;
  bool shortened; /* memory was too small to go past twice the last cache */
};
struct sweep_sizes sweep_sizes(const struct machine *machine, int threads);

/* "96KiB", "1536KiB", "2MiB": in the largest unit of which it is a whole number. */
const char *sweep_size_name(double bytes, char *text, size_t size);

#endif
