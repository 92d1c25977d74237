/* One row of a result: one implementation at one level on some threads; and what was measured of it. */
#ifndef GRADMARK_ROW_H
#define GRADMARK_ROW_H

#include <stdbool.h>
#include <stddef.h>

#include "by_name.h"
#include "machine/placement.h"
#include "measure/statistics.h"

enum row_status {
  ROW_PLANNED,
  ROW_MEASURED,
  ROW_BORDER,   /* measured, but the working set is at a border: not scored */
  ROW_FAILED,   /* did not pass its proof: never timed, or never shown */
  ROW_SKIPPED,  /* interrupted, filtered out by Google Benchmark's filter, without memory or its threads */
  ROW_LEFT_OUT, /* the profile's time was not enough */
};

/* One visit of a row, in one of the rounds. */
struct visit {
  size_t count;                /* of its samples */
  size_t limit_count;          /* of each twin's, of which a visit of long samples has one alone */
  struct placement_probe felt; /* on several threads, the mean of before and after */
  size_t round;
  bool probed;                 /* on several threads */
  char state[PLACEMENT_STATE]; /* empty on one thread, and where before and after do not agree */
};

/* What a row took in one state of its processors. */
struct in_state {
  const char *state; /* NULL: there is none */
  struct placement_probe felt;
  struct figure time;
  size_t samples;
};
enum { ROW_MOST_OTHERS = 3 };

enum { ROW_NAME_SIZE = GM_NAME_SIZE + 32 };

struct row {
  char name[ROW_NAME_SIZE]; /* op/dtype/impl/level/threads */
  const gm_impl *impl;
  size_t group; /* rows of one group share op, working set and threads */
  int rank;     /* what is left out first where time is short has the highest */
  int level, threads;
  bool sweep; /* of the sweep: its size stands in the name, and `level` is where it lives */
  double working_set_wanted;
  bool border;

  enum row_status status;
  bool selected; /* by Google Benchmark's filter */
  double elements, working_set, bytes_per_element, huge_bytes;
  double *samples; /* ns per element, in the order in which they were taken */
  size_t count;
  struct visit *visits;
  size_t visit_count;
  double seconds;         /* that they took */
  double waited;          /* of these, on purpose (--test-delay) */
  struct figure time;     /* ns per element, undisturbed, in the state that the row is of */
  double typical;         /* the median of all samples */
  double twin, core_twin; /* undisturbed, in that state, too; NaN where none was run */
  struct in_state usual;  /* that state */
  struct in_state other[ROW_MOST_OTHERS];
  size_t others;                /* that were seen often enough */
  struct figure attainable;     /* percent, of the samples taken by turns; NaN without a limit */
  bool by_memory;               /* the twin is the limit, not the core twin */
  const char *core_description; /* what binds the core twin */
  const char *twin_stores, *core_twin_build;
  char why_not[120]; /* it was skipped; empty where it was interrupted */

  bool verified;
  bool verified_at_size;  /* once more amid its timing, on as many elements and threads */
  double max_ulp;         /* NaN if unknown */
  double scalar, autovec; /* speed-up over these, NaN if they were not measured */
};

/* How many of `count` rows, from the first on, are of its group. */
size_t row_group_length(const struct row *rows, size_t count);

const char *row_status_name(enum row_status status);
bool row_has_time(const struct row *row);
bool row_has_limit(const struct row *row);

/* The time of the twin that is the limit, in ns per element. NaN without one. */
double row_limit(const struct row *row);
/* Above what is attainable with all of its interval: the model of the limit is wrong. */
bool row_is_too_good(const struct row *row);
/* Not so far above it that nothing is to be concluded from the row. */
bool row_is_believable(const struct row *row);
/* "DRAM", "load/store", "divide/sqrt", "FMA", "other arithmetic"; NULL without a limit. In L1 memory is the load and
 * store units. */
const char *row_bound_by(const struct row *row);

/* The times of both that can be held against each other: on as many threads those in one state. False where they have
 * none in common. */
bool row_alike(const struct row *a, const struct row *b, const struct figure **of_a, const struct figure **of_b);
/* a's over b's; NaN where there is none. */
double row_ratio(const struct row *a, const struct row *b);

double row_gb_per_s(const struct row *row);
double row_gflop_per_s(const struct row *row);

/* ---- what the visits of a row say: its samples are told apart by where its threads ran -------------------------- */

/* The samples of a row, visit after visit. */
struct rounds {
  const struct visit *visit;
  size_t visits;
  double *scratch; /* for as many values as there are samples or visits */
};

/* The median of each visit's samples, or of a twin's in it, of the visits in a state (NULL: of all); returns how many
 * they are. */
enum rounds_of { ROUNDS_OF_KERNEL, ROUNDS_OF_LIMIT };
size_t rounds_medians(const struct rounds *rounds, enum rounds_of what, const double *samples, const char *state,
                      double *medians);

/* The state that most visits were in; of two, the one that was seen first. NULL where none had three: then all visits
 * count. */
const char *rounds_usual_state(const struct rounds *rounds);

/* What the samples say in a state (NULL: all of them, on one thread or where no state is known). `medians` has room for
 * one of each visit. */
struct in_state rounds_in(const struct rounds *rounds, const double *samples, const char *state, double *medians);

/* The other states that at least `least` visits were in; returns how many, at most ROW_MOST_OTHERS. */
size_t rounds_others(const struct rounds *rounds, const double *samples, const char *usual, size_t least,
                     double *medians, struct in_state other[ROW_MOST_OTHERS]);

#endif
