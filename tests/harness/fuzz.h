/* What the tests that fuzz a reader share: how many cases, from which seed, and changes to bytes.
 *
 * GRADMARK_FUZZ_CASES says how many (where it is not set, as many as the test names), GRADMARK_FUZZ_SECONDS how long
 * they go on beyond these, GRADMARK_FUZZ_SEED from where. Case n of a seed is case 0 of the seed n later: a fault is
 * seen again at once. */
#ifndef GRADMARK_TEST_FUZZ_H
#define GRADMARK_TEST_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "random.h"

struct fuzz {
  struct random random; /* of this case */
  uint64_t seed;        /* of this case */
  uint64_t tried, cases;
  double end;
};

/* Prints the seed. */
void fuzz_begin(struct fuzz *fuzz, uint64_t cases);
/* Goes on to the next case; false when there were enough. */
bool fuzz_next(struct fuzz *fuzz);
/* True where there were so many cases that each kind must have come up: not where one is seen again. */
bool fuzz_tried_many(const struct fuzz *fuzz);

/* Bytes that can grow up to a capacity. */
struct fuzz_bytes {
  unsigned char *data;
  size_t count, capacity;
};

/* Makes one change at a random place: flips a bit; sets a byte, or a number of 2, 4 or 8 bytes of either order, to one
 * that is often a border; removes, doubles or adds some; cuts off the end. */
void fuzz_change(struct random *random, struct fuzz_bytes *bytes);

/* Replaces `length` bytes at `at`; does nothing where there is no room. */
void fuzz_splice(struct fuzz_bytes *bytes, size_t at, size_t length, const void *with, size_t with_length);

/* True once in `times` on average. */
bool fuzz_once_in(struct random *random, size_t times);

#endif
