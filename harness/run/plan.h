/* Which rows a run takes. */
#ifndef GRADMARK_PLAN_H
#define GRADMARK_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "machine/topology.h"
#include "measure/levels.h"
#include "measure/row.h"
#include "run/profile.h"
#include "select.h"
#include "thread_list.h"

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
