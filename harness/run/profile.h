/* How much a run does, and with how much care. */
#ifndef GRADMARK_PROFILE_H
#define GRADMARK_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "measure/levels.h"

struct profile {
  const char *name;
  bool level[LEVELS];
  bool one_thread;         /* only; otherwise all threads, too */
  bool threads_doubling;   /* 1, 2, 4, ... all; otherwise 1 and all */
  bool baselines_threaded; /* scalar and autovec on more than one thread too */
  size_t whole_ops;        /* the first so many ops of the headline come first, in full */
  double budget_seconds;   /* that a run takes, its proofs included, unless rows are chosen; 0: as long as it takes */
  /* Unless rows are chosen, "preferred" is what a caller gets who names no implementation: */
  bool preferred_in_dram;             /* no other in DRAM */
  bool others_briefly;                /* of all ops but the first, the preferred one alone, in L2 on one thread */
  bool brief;                         /* made for many processes: no twins, no core's limits, few words */
  double dram_factor;                 /* working set over last cache */
  size_t rounds;                      /* passes over all rows */
  double visit_seconds;               /* of a row in a round, its twins included */
  double sample_seconds;              /* at least one step */
  size_t least_samples, most_samples; /* of a visit */

  size_t sweep_ops;    /* how many of the headline ops a sweep covers; PROFILE_ALL_OPS for every op; 0: no sweep */
  bool sweep_threaded; /* on the profile's other thread counts, too */
  double sweep_visit_seconds;
};

enum { PROFILE_ALL_OPS = 1000000 };

/* NULL if there is no such profile. */
const struct profile *profile_named(const char *name);

/* The ops that people ask for first: the headline, most wanted first. PROFILE_ALL_OPS for an op that is not in it. */
size_t profile_headline_rank(const char *op);

#endif
