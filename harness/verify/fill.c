#include "verify/fill.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* 2^low <= |x| < 2^high, all binary orders of magnitude alike. */
static float scaled(struct random *random, int low, int high) {
  const uint64_t bits = random_bits(random);
  const uint32_t sign = (uint32_t)(bits >> 63), fraction = (uint32_t)bits & 0x7fffffU;
  const uint32_t exponent = (uint32_t)(127 + low) + (uint32_t)(bits >> 32 & 0xffffU) % (uint32_t)(high - low);
  const uint32_t pattern = sign << 31 | exponent << 23 | fraction;
  float x;
  memcpy(&x, &pattern, sizeof x);
  return x;
}

static float extreme(struct random *random) {
  static const float values[] = {0.0f,   -0.0f,   FLT_TRUE_MIN, -1e-40f, FLT_MIN, -FLT_MIN,
                                 1e-30f, -1e-20f, 1e20f,        -1e30f,  3e38f,   -3e38f};
  return values[random_bits(random) % (sizeof values / sizeof *values)];
}

static float special(struct random *random) {
  static const float values[] = {NAN,           INFINITY, -INFINITY, 0.0f,    -0.0f,    FLT_TRUE_MIN,
                                 -FLT_TRUE_MIN, 1e-40f,   -3e-39f,   FLT_MIN, -FLT_MIN, 3e38f,
                                 -3e38f,        1e20f,    -1e-20f,   1.0f,    -1.0f};
  return values[random_bits(random) % (sizeof values / sizeof *values)];
}

/* Both ends and what lies next to them are as frequent as all between; a NaN stays one. */
static float as_probability(struct random *random, float x) {
  static const float ends[] = {0.0f, 1.0f, FLT_TRUE_MIN, 1e-30f, 1.0f - FLT_EPSILON / 2};
  if (isnan(x)) return x;
  const uint64_t bits = random_bits(random);
  if (bits % 8 == 0) return ends[bits / 8 % (sizeof ends / sizeof *ends)];
  if (bits % 8 == 1) return 1.0f - fminf(fabsf(x), 16.0f) / 32;
  return fminf(fabsf(x), 16.0f) / 16;
}

/* Any code, and 0, which in a mask is all that matters, in one of four. */
static int8_t one_byte(struct random *random, enum fill fill, const gm_stream *stream) {
  const uint64_t bits = random_bits(random);
  const bool zero = bits % 4 == 0 || (fill == FILL_ZERO_GRADS && stream->role == GM_READ);
  return zero ? 0 : (int8_t)(bits >> 8);
}

static float one_value(struct random *random, enum fill fill, const gm_stream *stream) {
  float x = 0;
  switch (fill) {
    case FILL_MODERATE: x = scaled(random, -12, 4); break;
    case FILL_SCALES: x = scaled(random, -40, 40); break;
    case FILL_INTEGERS: x = (float)((int)(random_bits(random) % 17) - 8); break;
    case FILL_SPECIAL: x = random_bits(random) % 4 ? scaled(random, -12, 4) : special(random); break;
    case FILL_EXTREMES: x = random_bits(random) % 2 ? scaled(random, -12, 4) : extreme(random); break;
    case FILL_ZERO_GRADS: x = stream->role == GM_READ ? 0.0f : scaled(random, -12, 4); break;
    case FILL_COUNT: break;
  }
  if (stream->domain == GM_NONNEGATIVE) return fabsf(x);
  if (stream->domain == GM_PROBABILITY) return as_probability(random, x);
  return x;
}

void fill_stream(struct random *random, enum fill fill, const gm_op *op, int k, void *data, size_t count,
                 size_t classes) {
  const gm_stream *stream = &op->stream[k];
  for (size_t i = 0; i < count; i++) {
    if (stream->type == GM_TYPE_i32)
      ((int32_t *)data)[i] = (int32_t)(random_bits(random) % classes);
    else if (stream->type == GM_TYPE_i8)
      ((int8_t *)data)[i] = one_byte(random, fill, stream);
    else
      ((float *)data)[i] = one_value(random, fill, stream);
  }
}
