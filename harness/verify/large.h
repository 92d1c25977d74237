/* The proof at the sizes that select other code: several blocks to a part of a reduction, copies of panels of matrices
 * that leave the caches, parts of threads far from each other. A sample is held against the oracle (expected.h), which
 * is asked once for all implementations of an op; what several threads write is compared with what one wrote in full.
 */
#ifndef GRADMARK_LARGE_H
#define GRADMARK_LARGE_H

#include <stdbool.h>
#include <stdint.h>

#include "memory/guarded.h"
#include "verify/expected.h"

/* An op's large call, kept for its other implementations. */
struct large {
  const gm_op *op; /* NULL: none */
  gm_frame frame;
  double result;
  struct guarded stream[GM_MAX_STREAMS];
  char *snapshot[GM_MAX_STREAMS]; /* what is updated, as it was; and of all that is written, what one thread wrote */
  char *alone[GM_MAX_STREAMS];
  struct expected expected;
};

/* True as well where an op has no large case. Where it fails, `failure` says how; `calls` counts. */
enum { LARGE_SENTENCE = 400 };
bool large_prove(struct large *large, const gm_impl *impl, uint64_t seed, long *calls, char failure[LARGE_SENTENCE]);
void large_close(struct large *large);

#endif
