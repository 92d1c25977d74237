/* Data that a kernel is proved on. */
#ifndef GRADMARK_FILL_H
#define GRADMARK_FILL_H

#include <stddef.h>
#include <stdint.h>

#include "by_name.h"
#include "random.h"

enum fill {
  FILL_MODERATE,   /* of the sizes that training sees: 2^-12 .. 2^4, both signs */
  FILL_SCALES,     /* 2^-40 .. 2^40, both signs */
  FILL_INTEGERS,   /* -8 .. 8: sums and products are exact in every order */
  FILL_SPECIAL,    /* one in four is NaN, an infinity, a zero, subnormal, huge; the others moderate */
  FILL_EXTREMES,   /* one in two is zero, subnormal, near the smallest normal, or huge; all finite */
  FILL_ZERO_GRADS, /* moderate, and the streams that are only read all zero */
  FILL_COUNT
};

/* Fills `count` elements of stream `k` of `op`; labels are below `classes`. */
void fill_stream(struct random *random, enum fill fill, const gm_op *op, int k, void *data, size_t count,
                 size_t classes);

#endif
