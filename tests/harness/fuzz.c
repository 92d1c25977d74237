#include "fuzz.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum { SEED = 20261122, MANY = 1000 };

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

void fuzz_begin(struct fuzz *fuzz, uint64_t cases) {
  const char *seed = getenv("GRADMARK_FUZZ_SEED"), *other = getenv("GRADMARK_FUZZ_CASES"),
             *seconds = getenv("GRADMARK_FUZZ_SECONDS");
  const uint64_t first = seed ? strtoull(seed, NULL, 0) : SEED;
  *fuzz = (struct fuzz){.seed = first - 1, .cases = other ? strtoull(other, NULL, 0) : cases};
  assert_true(fuzz->cases > 0);
  if (seconds) fuzz->end = now() + strtod(seconds, NULL);
  printf("seed %" PRIu64 "\n", first);
  fflush(stdout); /* a sanitizer may end this at once */
}

bool fuzz_next(struct fuzz *fuzz) {
  if (fuzz->tried >= fuzz->cases && now() >= fuzz->end) return false;
  fuzz->tried++;
  random_seed(&fuzz->random, ++fuzz->seed);
  return true;
}

bool fuzz_tried_many(const struct fuzz *fuzz) { return fuzz->tried >= MANY; }

bool fuzz_once_in(struct random *random, size_t times) { return random_below(random, times) == 0; }

void fuzz_splice(struct fuzz_bytes *bytes, size_t at, size_t length, const void *with, size_t with_length) {
  if (at > bytes->count || length > bytes->count - at || bytes->count - length + with_length > bytes->capacity) return;
  memmove(bytes->data + at + with_length, bytes->data + at + length, bytes->count - at - length);
  memcpy(bytes->data + at, with, with_length);
  bytes->count = bytes->count - length + with_length;
}

/* Of `size` bytes. */
static void set_number(struct random *random, struct fuzz_bytes *bytes, size_t at, size_t size) {
  static const uint64_t borders[] = {0,          1,          2,          63,         64,
                                     255,        1U << 16,   0x7fffffff, 1ULL << 31, 1ULL << 32,
                                     1ULL << 40, 1ULL << 62, 1ULL << 63, UINT64_MAX};
  uint64_t value = borders[random_below(random, sizeof borders / sizeof *borders)];
  if (fuzz_once_in(random, 2)) value += random_below(random, 5) - 2;
  if (fuzz_once_in(random, 4)) value = bytes->count + random_below(random, 9) - 4;
  const bool big_endian = fuzz_once_in(random, 2);
  unsigned char written[8];
  for (size_t i = 0; i < size; i++) written[big_endian ? size - 1 - i : i] = (unsigned char)(value >> 8 * i);
  fuzz_splice(bytes, at, size, written, size);
}

/* As many as fit at `at`: mostly few. */
static size_t some(struct random *random, const struct fuzz_bytes *bytes, size_t at) {
  const size_t most = fuzz_once_in(random, 4) ? 200 : 9, length = 1 + random_below(random, most);
  return length < bytes->count - at ? length : bytes->count - at;
}

void fuzz_change(struct random *random, struct fuzz_bytes *bytes) {
  static const unsigned char zeros[200];
  /* Formats decide at their beginning: a third of all changes is there. */
  const size_t reach = fuzz_once_in(random, 3) && bytes->count > 32 ? 32 : bytes->count;
  const size_t at = random_below(random, reach + 1), kind = random_below(random, 8);
  const size_t length = some(random, bytes, at);
  switch (kind) {
    case 0:
      if (at < bytes->count) bytes->data[at] ^= (unsigned char)(1U << random_below(random, 8));
      break;
    case 1:
      if (at < bytes->count) bytes->data[at] = (unsigned char)random_bits(random);
      break;
    case 2: set_number(random, bytes, at, (size_t)2 << random_below(random, 3)); break;
    case 3: set_number(random, bytes, at / 8 * 8, (size_t)2 << random_below(random, 3)); break;
    case 4: fuzz_splice(bytes, at, length, "", 0); break;
    case 5: fuzz_splice(bytes, at, 0, zeros, 1 + random_below(random, sizeof zeros)); break;
    case 6: {
      unsigned char copy[200];
      memcpy(copy, bytes->data + at, length);
      fuzz_splice(bytes, random_below(random, bytes->count + 1), 0, copy, length);
      break;
    }
    default: bytes->count = fuzz_once_in(random, 4) ? at : bytes->count - length; break;
  }
}
