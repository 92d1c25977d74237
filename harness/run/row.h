/* One row of a result: one implementation at one level on some threads; and what was measured of it. */
#ifndef GRADMARK_ROW_H
#define GRADMARK_ROW_H

#include <stdbool.h>
#include <stddef.h>

#include "by_name.h"
#include "machine/core.h"
#include "run/statistics.h"

enum row_status {
  ROW_PLANNED,
  ROW_MEASURED,
  ROW_BORDER,  /* measured, but the working set is at a border: not scored */
  ROW_FAILED,  /* did not pass its proof: never timed, or never shown */
  ROW_SKIPPED, /* interrupted, filtered out by Google Benchmark's filter, or without memory */
};

struct row {
  char name[GM_NAME_SIZE + 32]; /* op/dtype/impl/level/threads */
  const gm_impl *impl;
  size_t cell; /* rows of one cell share op, working set and threads, and are timed by turns */
  int level, threads;
  bool sweep; /* a rung of the sweep's ladder: its size stands in the name, and `level` is where it lives */
  double working_set_wanted;
  bool border;

  enum row_status status;
  bool selected; /* by Google Benchmark's filter */
  double elements, working_set, bytes_per_element, huge_bytes;
  double *samples; /* ns per element, in the order in which they were taken */
  size_t count;
  double seconds;            /* that they took */
  double waited;             /* of these, on purpose (--test-delay) */
  struct summary time, twin; /* ns per element; the twin NaN where none was run */
  double core;               /* ns per element; NaN where it was not measured */
  struct summary attainable; /* percent, of the samples taken by turns; NaN without a limit */
  enum core_unit core_unit;
  bool remeasured; /* it came out above 100% of attainable and was taken again */

  bool verified;
  bool proved_at_size;    /* once more after its timing, on as many elements and threads */
  double max_ulp;         /* NaN if unknown */
  double scalar, autovec; /* speed-up over these, NaN if they were not measured */
};

const char *row_status_name(enum row_status status);
bool row_has_time(const struct row *row);
bool row_has_limit(const struct row *row);

/* The larger of twin and core, in ns per element; and 100 times that over the time taken. NaN without a limit. */
double row_limit(const struct row *row);
double row_attainable_percent(const struct row *row);
/* So far above what is attainable that the limit must have been disturbed. */
bool row_is_too_good(const struct row *row);
bool row_bound_by_memory(const struct row *row);
/* "DRAM", "divide/root unit", "FMA", "load/store"; NULL without a limit */
const char *row_bound_by(const struct row *row);

double row_gb_per_s(const struct row *row);
double row_gflop_per_s(const struct row *row);

#endif
