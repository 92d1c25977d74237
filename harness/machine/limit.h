/* What one call of an implementation is held against: its op's twin and core twin (machine/core.h), called like it. */
#ifndef GRADMARK_LIMIT_H
#define GRADMARK_LIMIT_H

#include "machine/core.h"

/* A twin, ready to be called. */
struct limit {
  gm_impl impl;
  gm_frame frame;
  const char *description; /* of its build */
  double share;            /* of the implementation's call that one call of this does */
  double seconds;          /* of one call, as it was chosen */
};

struct limits {
  const char *isa; /* that it is compiled for */
  int threads;
  struct limit twin, core_twin;
  struct core_times core; /* on as many threads */
  double result;          /* what the twins would write for an op's result */
  gm_op loop;             /* the op that the multiply-adds of a product pass for */
};

/* The ISA whose twins and loops are an implementation's limits: its own; for `autovec`, whose own would only show how
 * well the compiler vectorizes a twin, the lane ISA of the same features; for a plug-in the best exact one that runs.
 */
const char *limits_isa(const gm_library *library, const gm_impl *impl);

/* Tries each build for a moment and keeps the fastest. `frame`'s streams (a list's frames), which the twins share,
 * must outlive it, and `limits` must stay where it is. The op's inputs and state are left as they are; outputs are not.
 */
void limits_open(struct limits *limits, const gm_library *library, const gm_impl *impl, const gm_frame *frame,
                 int threads);

/* What binds the core twin, for people. */
const char *limits_core_description(const struct limits *limits, const gm_op *op);

/* Seconds of `calls` calls, for as much as one call of the implementation does. */
double limit_time(const struct limit *limit, int threads, long calls);

#endif
