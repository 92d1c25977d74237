/* The proof of what was timed: one more call on the very numbers, in the very memory, on as many threads, a sample of
 * whose results is held against the oracle; and one on guarded small pages, which must give the same bits. What
 * `verify` proves is small, so that it can be looked at as a whole; a kernel may do something else where there is more.
 */
#ifndef GRADMARK_PROOF_AT_SIZE_H
#define GRADMARK_PROOF_AT_SIZE_H

#include <stdbool.h>
#include <stdint.h>

#include "measure/group.h"
#include "memory/guarded.h"
#include "verify/expected.h"

/* Of a group, for all its implementations. */
struct proof_at_size {
  struct group *group;
  gm_frame call;            /* the group's; with other hyperparameters if under the usual ones nothing changes */
  struct expected expected; /* of what was put back */
  struct group copy;        /* on guarded pages */
  gm_frame copy_call;
  struct guarded guarded[GM_MAX_STREAMS];
  bool has_copy; /* there was memory for it */
};

/* False without memory for what the oracle says. The group's numbers are put back. */
bool proof_at_size_open(struct proof_at_size *proof, struct group *group, uint64_t seed);
void proof_at_size_close(struct proof_at_size *proof);

/* Proves one implementation; `seconds` is what a call took. Where it fails, `failure` says how. */
enum { PROOF_AT_SIZE_SENTENCE = 400 };
bool proof_at_size_of(struct proof_at_size *proof, const gm_impl *impl, double seconds,
                      char failure[PROOF_AT_SIZE_SENTENCE]);

#endif
