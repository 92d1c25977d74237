/* How much a run does, and which rows it takes. */
#ifndef GRADMARK_PLAN_H
#define GRADMARK_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "machine/topology.h"
#include "measure/levels.h"
#include "measure/row.h"
#include "select.h"
#include "thread_list.h"

/* How much a run does, and with how much care. */
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

/* What the command line asks for; NULL where it leaves it to the profile. */
struct plan_config {
  const char *levels;  /* L1,L2,L3,DRAM or none */
  const char *threads; /* numbers, all */
  bool sweep;
  bool selection_given; /* by --filter or --isa: all of it is swept, and none of it left out */
  double budget;        /* seconds; 0: the profile's, or none where rows are chosen */
};

struct plan {
  const struct profile *profile;
  bool level[LEVELS];
  bool sweep, sweep_shortened;
  struct thread_list threads;
  struct row *row;
  size_t count, capacity;
  size_t level_rows; /* these come first; the sweep's follow */
  size_t groups;
  bool chosen;           /* rows were asked for: the profile leaves out none */
  double budget_seconds; /* that the run may take; 0: as long as it takes */
  char (*left_out)[ROW_NAME_SIZE];
  size_t left_out_count;
};

/* The rows of the selection, in the order in which they are shown: all implementations of one op, working set and
 * thread count in sequence; they are a group. Complains and returns false for an unknown level, a bad thread count, or
 * more threads than this process may use. */
bool plan_make(struct plan *plan, const struct selection *selection, const struct machine *machine,
               const struct profile *profile, const struct plan_config *config);
void plan_free(struct plan *plan);

/* Takes the rows that are left out from among the others, and keeps their names. False without memory. */
bool plan_leave_out(struct plan *plan);

/* The most threads of the level rows that are not skipped. */
int plan_most_threads(const struct plan *plan);

#endif
