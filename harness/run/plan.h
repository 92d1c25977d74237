/* Which rows a run takes, and with how much care. */
#ifndef GRADMARK_PLAN_H
#define GRADMARK_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "machine/topology.h"
#include "run/levels.h"
#include "run/row.h"
#include "select.h"

enum { PLAN_MAX_THREADS_LIST = 16 };

struct profile {
  const char *name;
  bool level[LEVELS];
  bool thread_ladder;      /* 1, 2, 4, ... all; otherwise 1 and all */
  bool baselines_threaded; /* scalar and autovec on more than one thread too */
  double dram_factor;      /* working set over last cache */
  double seconds_per_row;  /* of samples, kernel and twin together */
  double sample_seconds;
  size_t least_samples, most_samples;
};

/* quick, default or full; NULL if there is no such profile. */
const struct profile *profile_named(const char *name);

struct plan {
  const struct profile *profile;
  bool level[LEVELS];
  int threads[PLAN_MAX_THREADS_LIST];
  int thread_counts;
  struct row *row;
  size_t count;
};

/* The rows of the selection at the profile's levels and threads, or at those given (comma-separated lists, NULL for the
 * profile's), in the order in which they are timed: all implementations of one op, level and thread count in sequence.
 * Complains and returns false for an unknown level, a bad thread count, or more threads than this process may use. */
bool plan_make(struct plan *plan, const struct selection *selection, const struct machine *machine,
               const struct profile *profile, const char *levels, const char *threads);
void plan_free(struct plan *plan);

#endif
