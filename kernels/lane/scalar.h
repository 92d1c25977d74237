/* Lanes of one float: what `scalar` and `autovec` are compiled over, and the plainest reading of the vocabulary. */
#ifndef GM_LANE_SCALAR_H
#define GM_LANE_SCALAR_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef float v_f32;
typedef int v_mask;
#define V_WIDTH 1

static inline v_f32 v_set(float x) { return x; }
static inline v_f32 v_load(const float *p, size_t count) { return count ? *p : 0.0f; }
static inline v_f32 v_load_or(const float *p, size_t count, v_f32 other) { return count ? *p : other; }
static inline void v_store(float *p, v_f32 x, size_t count) {
  if (count) *p = x;
}
static inline v_f32 v_keep(v_f32 a, size_t count) { return count ? a : 0.0f; }

/* Rounds as v_round does. */
static inline v_f32 v_load_i8(const int8_t *p, size_t count) { return count ? (float)*p : 0.0f; }
static inline void v_store_i8(int8_t *p, v_f32 x, size_t count) {
  const float big = 12582912.0f;
  if (count) *p = (int8_t)((x + big) - big);
}

static inline v_f32 v_add(v_f32 a, v_f32 b) { return a + b; }
static inline v_f32 v_sub(v_f32 a, v_f32 b) { return a - b; }
static inline v_f32 v_mul(v_f32 a, v_f32 b) { return a * b; }
static inline v_f32 v_div(v_f32 a, v_f32 b) { return a / b; }
static inline v_f32 v_sqrt(v_f32 a) { return __builtin_sqrtf(a); }

#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
#define V_FUSED 1
static inline v_f32 v_fma(v_f32 a, v_f32 b, v_f32 c) { return __builtin_fmaf(a, b, c); }
#else
#define V_FUSED 0
static inline v_f32 v_fma(v_f32 a, v_f32 b, v_f32 c) { return a * b + c; }
#endif
static inline v_f32 v_fnma(v_f32 a, v_f32 b, v_f32 c) { return v_fma(-a, b, c); }

static inline v_mask v_less(v_f32 a, v_f32 b) { return a < b; }
static inline v_mask v_is_nan(v_f32 a) { return a != a; }
static inline v_f32 v_select(v_mask m, v_f32 yes, v_f32 no) { return m ? yes : no; }
static inline v_f32 v_max(v_f32 a, v_f32 b) { return a > b ? a : b; }
static inline v_f32 v_min(v_f32 a, v_f32 b) { return a < b ? a : b; }

static inline v_f32 v_from_bits(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}
static inline uint32_t v_to_bits(v_f32 x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}
static inline v_f32 v_neg(v_f32 a) { return -a; }
static inline v_f32 v_abs(v_f32 a) { return v_from_bits(v_to_bits(a) & 0x7fffffffU); }
static inline v_f32 v_copysign(v_f32 magnitude, v_f32 sign) {
  return v_from_bits((v_to_bits(magnitude) & 0x7fffffffU) | (v_to_bits(sign) & 0x80000000U));
}

/* To the nearest integer, ties to even, for |a| < 2^22: adding 1.5 * 2^23 leaves no bits for a fraction. */
static inline v_f32 v_round(v_f32 a) {
  const float big = 12582912.0f;
  return (a + big) - big;
}
/* 2^n for an integral n in -126 .. 127, through the exponent field. */
static inline v_f32 v_pow2(v_f32 n) { return v_from_bits((uint32_t)((int32_t)n + 127) << 23); }
/* a 2^n for an integral n in -252 .. 254 and a in 1/2 .. 2, rounded once: the first factor leaves a normal number. */
static inline v_f32 v_scale(v_f32 a, v_f32 n) {
  const v_f32 half = v_round(v_mul(n, v_set(0.5f)));
  return v_mul(v_mul(a, v_pow2(half)), v_pow2(v_sub(n, half)));
}

/* a = v_fraction(a) 2^v_exponent(a) with a fraction in 3/4 .. 3/2, for a positive finite a, subnormal or not. */
static inline v_mask v_subnormal(v_f32 a) { return a < 0x1p-126f; }
static inline uint32_t v_normal_bits(v_f32 a) { return v_to_bits(v_subnormal(a) ? a * 0x1p24f : a); }
static inline v_f32 v_fraction(v_f32 a) {
  const uint32_t bits = v_normal_bits(a);
  return v_from_bits(bits - ((bits - 0x3f400000U) & 0xff800000U)); /* 3/4 is 0x3f400000 */
}
static inline v_f32 v_exponent(v_f32 a) {
  const int32_t exponent = (int32_t)(v_normal_bits(a) - 0x3f400000U) >> 23;
  return (float)exponent - (v_subnormal(a) ? 24.0f : 0.0f);
}

static inline float v_sum(v_f32 a) { return a; }

/* The largest lane; there must be no NaN. */
static inline float v_largest(v_f32 a) { return a; }

static inline void v_transpose_columns(float *to, size_t to_step, const float *from, size_t from_step, size_t rows) {
  (void)to_step, (void)from_step;
  if (rows) *to = *from;
}

#endif
