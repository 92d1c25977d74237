/* What the tests that fuzz a reader share: how long, from which seed, and changes to bytes.
 *
 * GRADMARK_FUZZ_SECONDS says how long (FUZZ_SECONDS where it is not set, 0: not at all), GRADMARK_FUZZ_SEED from where.
 * Case n of a seed is case 0 of the seed n later: a fault is seen again at once. */
#ifndef GRADMARK_TEST_FUZZ_H
#define GRADMARK_TEST_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "random.h"

enum { FUZZ_SECONDS = 2 };

struct fuzz {
  struct random random; /* of this case */
  uint64_t seed;        /* of this case */
  uint64_t tried;
  double end;
};

/* Prints the seed; skips the test where it has no time. */
void fuzz_begin(struct fuzz *fuzz);
/* Goes on to the next case; false when the time is over. */
bool fuzz_next(struct fuzz *fuzz);

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
