/* One run of `gradmark run`, from its options to what it found. */
#ifndef GRADMARK_RUN_H
#define GRADMARK_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "machine/environment.h"
#include "machine/placement.h"
#include "machine/topology.h"
#include "measure/sampler.h"
#include "run/options.h"
#include "run/plan.h"
#include "run/threads_cost.h"
#include "select.h"
#include "verify/verify.h"

struct run {
  struct options options;
  gm_library *library;
  struct selection selection;
  struct machine machine;
  struct environment environment;
  struct plan plan;
  struct threads_cost threads_cost;
  struct ceilings ceilings;
  struct placement_log placement;
  struct verifier *verifier;
  double began;    /* by clock_seconds */
  size_t rounds;   /* that were taken */
  int failed;      /* implementations, before they were timed or at the size at which they were */
  size_t observed; /* how many of the environment's warnings are about the machine */
  size_t warned;   /* how many were printed at the start */
};

#endif
