/* The proof of an implementation against its oracle: DESIGN section 5. */
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
 * that is proved becomes the one whose bits the others must give. */
struct verdict verifier_prove(struct verifier *verifier, const gm_impl *impl);

#endif
