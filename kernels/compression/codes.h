/* What quantize and quantize_rows share: the scale of a tensor or row, and the codes under it. */
#ifndef GM_CODES_H
#define GM_CODES_H

#include <float.h>

#include "body.h"
#include "lane/reduce.h"

enum { MOST_CODE = 127 };

/* A scale is at least FLT_MIN: then it has all its digits in f32, and its reciprocal exists there. */
static inline double code_scale(double largest) {
  if (largest == 0) return 0;
  const double scale = largest / (double)MOST_CODE;
  return scale < FLT_MIN ? FLT_MIN : scale;
}

/* Under a scale of 0 a value is 0 or not finite: the product is 0 or NaN, and its code 0. */
static inline float code_factor(double scale) { return scale > 0 ? (float)(1 / scale) : 0; }

struct codes_job {
  const float *values;
  int8_t *codes;
  float factor;
};

GM_INLINE void write_codes(const void *opaque, size_t i, size_t count) {
  const struct codes_job j = *(const struct codes_job *)opaque;
  const v_f32 quotient = v_mul(v_load(j.values + i, count), v_set(j.factor));
  const v_f32 within = v_max(v_set(-MOST_CODE), v_min(v_set(MOST_CODE), quotient)); /* an infinity is not */
  v_store_i8(j.codes + i, v_unless(v_is_nan(quotient), within), count);
}

#endif
