/* What one core can do in its registers: the time of one vector instruction of each kind, measured by loops that touch
 * no memory (or one page of it), with as many independent chains as hide the latency. From it and an op's operations
 * follows the core's limit. */
#ifndef GRADMARK_CORE_H
#define GRADMARK_CORE_H

#include "machine/operations.h"

enum core_unit { CORE_FP, CORE_DIVIDE, CORE_ROOT, CORE_DIVIDE_BY_ROOT, CORE_LOAD, CORE_STORE, CORE_UNITS };

/* For people: "FMA", "divide/root unit", "load/store". */
const char *core_unit_words(enum core_unit unit);

/* Runs about `turns` x 8 instructions of one kind and returns how many vectors that were. */
typedef struct core_loops {
  size_t (*run)(enum core_unit unit, size_t turns);
  int width; /* floats per vector */
  bool fused;
  bool fast; /* divisions are estimates and multiply-adds (lane/fast.h) */
} core_loops;

/* The loops that were compiled for an ISA; NULL if there are none. */
const core_loops *core_loops_of(const char *isa);

/* Seconds per vector of each kind. */
struct core_times {
  double seconds[CORE_UNITS];
  int width;
  bool fused, fast;
};

/* Takes about 1 ms: the median of some short runs of each loop. */
struct core_times core_measure(const core_loops *loops);

struct core_limit {
  double seconds; /* per element */
  enum core_unit bound_by;
};

/* max(div t_div + root t_root, other arithmetic t_fp, loads t_load, stores t_store) / width. Divisions and roots add:
 * they share one unit. */
struct core_limit core_limit_of(const struct core_times *times, const struct operations *operations);

#endif
