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
#define V_COMPOSED 1
#if defined(__aarch64__)
#define V_REGISTERS 32
#else
#define V_REGISTERS 16
#endif

static inline v_f32 v_set(float x) { return x; }
static inline v_f32 v_load_all(const float *p) { return *p; }
static inline v_f32 v_load(const float *p, size_t count) { return count ? *p : 0.0f; }
static inline v_f32 v_load_or(const float *p, size_t count, v_f32 other) { return count ? *p : other; }
static inline void v_store(float *p, v_f32 x, size_t count) {
  if (count) *p = x;
}
static inline v_f32 v_keep(v_f32 a, size_t count) { return count ? a : 0.0f; }

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
static inline v_f32 v_fms(v_f32 a, v_f32 b, v_f32 c) { return v_fma(a, b, -c); }

static inline v_mask v_less(v_f32 a, v_f32 b) { return a < b; }
static inline v_mask v_is_nan(v_f32 a) { return a != a; }
static inline v_f32 v_select(v_mask m, v_f32 yes, v_f32 no) { return m ? yes : no; }
static inline v_f32 v_where(v_mask m, v_f32 a) { return m ? a : 0.0f; }
static inline v_f32 v_unless(v_mask m, v_f32 a) { return m ? 0.0f : a; }
static inline v_f32 v_max(v_f32 a, v_f32 b) { return a > b ? a : b; }
static inline v_f32 v_min(v_f32 a, v_f32 b) { return a < b ? a : b; }

typedef uint32_t v_int;
static inline v_int v_int_set(uint32_t x) { return x; }
static inline v_f32 v_from_bits(v_int bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}
static inline v_int v_bits(v_f32 x) {
  v_int bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}
static inline v_f32 v_neg(v_f32 a) { return -a; }
static inline v_f32 v_abs(v_f32 a) { return v_from_bits(v_bits(a) & 0x7fffffffU); }
static inline v_f32 v_neg_abs(v_f32 a) { return v_from_bits(v_bits(a) | 0x80000000U); }
static inline v_f32 v_copysign(v_f32 magnitude, v_f32 sign) {
  return v_from_bits(v_bits(magnitude) | (v_bits(sign) & 0x80000000U));
}

static inline v_f32 v_pow2(v_f32 sum) { return v_from_bits(v_bits(sum) << 23); }

/* What composed.h is made of. */
static inline v_int v_int_sub(v_int a, v_int b) { return a - b; }
static inline v_int v_int_and(v_int a, v_int b) { return a & b; }
static inline v_int v_int_halve(v_int a) { return (v_int)((int32_t)a >> 1); }
static inline v_int v_int_exponent(v_int a) { return (v_int)((int32_t)a >> 23); }
static inline v_f32 v_int_value(v_int a) { return (float)(int32_t)a; }

static inline float v_sum(v_f32 a) { return a; }

/* The largest lane; there must be no NaN. */
static inline float v_largest(v_f32 a) { return a; }

static inline void v_transpose_columns(float *to, size_t to_step, const float *from, size_t from_step, size_t rows) {
  (void)to_step, (void)from_step;
  if (rows) *to = *from;
}

#endif
