/* The proof of an implementation against its oracle: every case of cases.h within guarded pages, held against the
 * oracle in ulp on one thread and against those bits on several; then a few large calls, by samples (large.h). Whatever
 * the implementation does, its caller goes on (trap.h). */
#ifndef GRADMARK_VERIFY_H
#define GRADMARK_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "by_name.h"

struct verdict {
  bool passed;
  bool impossible;   /* nothing can be said of it on this processor: `failure` says why, and is none of its own */
  double max_ulp;    /* over all elements of all cases; of the result stream separately: */
  double result_ulp; /* 0 where the op has no result */
  long cases;
  uint64_t bits;     /* hash of the elementwise and row outputs of the pinned cases: equal for all fused ISAs */
  char failure[400]; /* the first fault, for a person; empty if passed */
};

enum { VERIFY_MOST_THREADS = 8 }; /* of a call that is proved */

struct verifier;

/* `seed` drives all random data. NULL without memory. */
struct verifier *verifier_open(uint64_t seed);
void verifier_close(struct verifier *verifier);

/* A plug-in's fused implementations are held against one of this library's own, where one runs, whether or not that is
 * proved for itself. */
void verifier_know(struct verifier *verifier, const gm_library *library);

/* Proves one runnable implementation. A kernel that traps is caught and named. The first fused implementation of an op
 * that passes becomes the one whose bits the others must give. The caller has asked for a team of VERIFY_MOST_THREADS
 * (team_why_not): on a smaller one, what is wrong on several threads would pass. */
struct verdict verifier_prove(struct verifier *verifier, const gm_impl *impl);

#endif
