/* Lanes that count: each function computes as lane.h says, without any ISA's instructions, and adds to gm_operations
 * what it is made of in the ISA that GM_COUNTED names. Every op is compiled over them once more, and so tells what it
 * asks for: tests/test_instructions.py holds that against what the compiler made of it.
 *
 * Setting all lanes to a number that the program has, prefetches and the masks of a partial vector count nothing. */
#ifndef GM_LANE_COUNTING_H
#define GM_LANE_COUNTING_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lane/operation.h"

/* One of the four, in the order of all tables here. */
#define GM_OF_scalar(scalar, avx2, avx512, neon) scalar
#define GM_OF_avx2(scalar, avx2, avx512, neon) avx2
#define GM_OF_avx512(scalar, avx2, avx512, neon) avx512
#define GM_OF_neon(scalar, avx2, avx512, neon) neon
#define GM_OF_(isa) GM_OF_##isa
#define GM_OF(isa) GM_OF_(isa)
#define OF(...) GM_OF(GM_COUNTED)(__VA_ARGS__)

#if defined(__aarch64__)
#define V_BASE_FUSED 1
#define V_BASE_REGISTERS 32
#else
#define V_BASE_FUSED 0
#define V_BASE_REGISTERS 16
#endif
#define V_WIDTH OF(1, 8, 16, 4)
#define V_FUSED OF(V_BASE_FUSED, 1, 1, 1)
#define V_REGISTERS OF(V_BASE_REGISTERS, 16, 32, 32)
#define V_COMPOSED OF(1, 1, 0, 1)

/* Instructions of functions that are several, or none of its own kind, somewhere. */
enum {
  CHOOSE = OF(1, 1, 1, 2), /* v_max and v_min; NEON's own have another rule for NaN */
  IS_NAN = OF(1, 1, 1, 2),
  COPYSIGN = OF(2, 2, 1, 1),
  FMS_NEGATES = OF(0, 0, 0, 1),
  FROM_BYTES = OF(1, 2, 2, 3), /* widened and converted */
  TO_BYTES = OF(2, 3, 2, 3),
  HALVINGS = OF(0, 3, 4, 2), /* additions of v_sum, each but NEON's second after a shuffle */
  SUM_SHUFFLES = OF(0, 3, 4, 1),
  LARGEST = OF(0, 6, 8, 1),
};

typedef float v_f32 __attribute__((vector_size(4 * V_WIDTH)));
typedef uint32_t v_int __attribute__((vector_size(4 * V_WIDTH)));
typedef int32_t v_mask __attribute__((vector_size(4 * V_WIDTH)));

static inline void v_count(enum operation_kind kind, double times) { gm_operations[kind] += times; }
static inline size_t v_clip(size_t count) { return count < V_WIDTH ? count : V_WIDTH; }

/* ---- what counts nothing ----------------------------------------------------------------------------------------- */

static inline v_f32 v_set(float x) { return x - (v_f32){0}; }
static inline v_int v_int_set(uint32_t x) { return x - (v_int){0}; }
static inline v_int v_bits(v_f32 a) { return (v_int)a; }
static inline v_f32 v_from_bits(v_int a) { return (v_f32)a; }

/* ---- memory ------------------------------------------------------------------------------------------------------ */

static inline v_f32 v_load_all(const float *p) {
  v_count(OPERATION_LOAD, 1);
  return v_set(*p);
}
static inline v_f32 v_load_or(const float *p, size_t count, v_f32 other) {
  v_count(OPERATION_LOAD, OF(1, 1, 1, count < V_WIDTH ? (double)count : 1));
  memcpy(&other, p, v_clip(count) * sizeof *p);
  return other;
}
static inline v_f32 v_load(const float *p, size_t count) { return v_load_or(p, count, v_set(0)); }
static inline void v_store(float *p, v_f32 x, size_t count) {
  v_count(OPERATION_STORE, OF(1, 1, 1, count < V_WIDTH ? (double)count : 1));
  memcpy(p, &x, v_clip(count) * sizeof *p);
}
static inline v_f32 v_keep(v_f32 a, size_t count) {
  if (count < V_WIDTH) v_count(OPERATION_OTHER, 1);
  for (size_t i = count; i < V_WIDTH; i++) a[i] = 0;
  return a;
}
static inline v_f32 v_load_i8(const int8_t *p, size_t count) {
  v_count(OPERATION_LOAD, 1), v_count(OPERATION_OTHER, FROM_BYTES);
  v_f32 x = {0};
  for (size_t i = 0; i < v_clip(count); i++) x[i] = p[i];
  return x;
}
static inline void v_store_i8(int8_t *p, v_f32 x, size_t count) {
  v_count(OPERATION_STORE, 1), v_count(OPERATION_OTHER, TO_BYTES);
  for (size_t i = 0; i < v_clip(count); i++) p[i] = (int8_t)x[i];
}

/* ---- arithmetic -------------------------------------------------------------------------------------------------- */

static inline v_f32 v_add(v_f32 a, v_f32 b) { return v_count(OPERATION_ARITHMETIC, 1), a + b; }
static inline v_f32 v_sub(v_f32 a, v_f32 b) { return v_count(OPERATION_ARITHMETIC, 1), a - b; }
static inline v_f32 v_mul(v_f32 a, v_f32 b) { return v_count(OPERATION_ARITHMETIC, 1), a * b; }
static inline v_f32 v_div(v_f32 a, v_f32 b) { return v_count(OPERATION_DIVIDE, 1), a / b; }
static inline v_f32 v_sqrt(v_f32 a) {
  v_count(OPERATION_SQRT, 1);
  for (size_t i = 0; i < V_WIDTH; i++) a[i] = __builtin_sqrtf(a[i]);
  return a;
}
static inline void v_count_fma(void) { v_count(V_FUSED ? OPERATION_FMA : OPERATION_ARITHMETIC, V_FUSED ? 1 : 2); }
static inline v_f32 v_fma(v_f32 a, v_f32 b, v_f32 c) { return v_count_fma(), a * b + c; }
static inline v_f32 v_fnma(v_f32 a, v_f32 b, v_f32 c) { return v_count_fma(), c - a * b; }
static inline v_f32 v_fms(v_f32 a, v_f32 b, v_f32 c) {
  return v_count_fma(), v_count(OPERATION_OTHER, FMS_NEGATES), a * b - c;
}

/* ---- all else ---------------------------------------------------------------------------------------------------- */

static inline v_int v_other(double times, v_int result) { return v_count(OPERATION_OTHER, times), result; }
static inline v_int v_chosen(v_mask m, v_f32 yes, v_f32 no) {
  return ((v_int)m & (v_int)yes) | (~(v_int)m & (v_int)no);
}

static inline v_mask v_less(v_f32 a, v_f32 b) { return (v_mask)v_other(1, (v_int)(a < b)); }
static inline v_mask v_is_nan(v_f32 a) { return (v_mask)v_other(IS_NAN, ~((v_int)(a < 0) | (v_int)(a >= 0))); }
static inline v_f32 v_select(v_mask m, v_f32 yes, v_f32 no) { return (v_f32)v_other(1, v_chosen(m, yes, no)); }
static inline v_f32 v_where(v_mask m, v_f32 a) { return (v_f32)v_other(1, (v_int)m & (v_int)a); }
static inline v_f32 v_unless(v_mask m, v_f32 a) { return (v_f32)v_other(1, ~(v_int)m & (v_int)a); }
static inline v_f32 v_max(v_f32 a, v_f32 b) { return (v_f32)v_other(CHOOSE, v_chosen(a > b, a, b)); }
static inline v_f32 v_min(v_f32 a, v_f32 b) { return (v_f32)v_other(CHOOSE, v_chosen(a < b, a, b)); }
static inline v_f32 v_neg(v_f32 a) { return (v_f32)v_other(1, (v_int)a ^ 0x80000000U); }
static inline v_f32 v_abs(v_f32 a) { return (v_f32)v_other(1, (v_int)a & 0x7fffffffU); }
static inline v_f32 v_neg_abs(v_f32 a) { return (v_f32)v_other(1, (v_int)a | 0x80000000U); }
static inline v_f32 v_copysign(v_f32 magnitude, v_f32 sign) {
  return (v_f32)v_other(COPYSIGN, (v_int)magnitude | ((v_int)sign & 0x80000000U));
}
static inline v_f32 v_pow2(v_f32 sum) { return (v_f32)v_other(1, (v_int)sum << 23); }
static inline v_f32 v_reciprocal_estimate(v_f32 a) { return (v_f32)v_other(1, (v_int)(1 / a)); }
static inline v_f32 v_rsqrt_estimate(v_f32 a) {
  for (size_t i = 0; i < V_WIDTH; i++) a[i] = 1 / __builtin_sqrtf(a[i]);
  return (v_f32)v_other(1, (v_int)a);
}

#if V_COMPOSED
static inline v_int v_int_sub(v_int a, v_int b) { return v_other(1, a - b); }
static inline v_int v_int_and(v_int a, v_int b) { return v_other(1, a & b); }
static inline v_int v_int_halve(v_int a) { return v_other(1, (v_int)((v_mask)a >> 1)); }
static inline v_int v_int_exponent(v_int a) { return v_other(1, (v_int)((v_mask)a >> 23)); }
static inline v_f32 v_int_value(v_int a) {
  v_f32 value;
  for (size_t i = 0; i < V_WIDTH; i++) value[i] = (float)((v_mask)a)[i];
  return (v_f32)v_other(1, (v_int)value);
}
#else
static inline v_f32 v_scale(v_f32 a, v_f32 n, v_f32 sum) {
  (void)sum;
  for (size_t i = 0; i < V_WIDTH; i++) a[i] = __builtin_ldexpf(a[i], (int)n[i]);
  return (v_f32)v_other(1, (v_int)a);
}
static inline v_f32 v_exponent(v_f32 a) {
  v_f32 exponent;
  for (size_t i = 0; i < V_WIDTH; i++) exponent[i] = (float)__builtin_ilogbf(a[i] / 0.75f);
  v_count(OPERATION_ARITHMETIC, 1); /* one of each kind of exponent, less the other */
  return (v_f32)v_other(3, (v_int)exponent);
}
static inline v_f32 v_split(v_f32 a, v_f32 *exponent) {
  *exponent = v_exponent(a);
  for (size_t i = 0; i < V_WIDTH; i++) a[i] = __builtin_ldexpf(a[i], -(int)(*exponent)[i]);
  return a;
}
#endif

/* ---- across lanes ------------------------------------------------------------------------------------------------ */

static inline float v_sum(v_f32 a) {
  float sum = a[0];
  for (size_t i = 1; i < V_WIDTH; i++) sum += a[i];
  v_count(OPERATION_ARITHMETIC, HALVINGS), v_count(OPERATION_OTHER, SUM_SHUFFLES);
  return sum;
}
static inline float v_largest(v_f32 a) {
  float largest = a[0];
  for (size_t i = 1; i < V_WIDTH; i++) largest = a[i] > largest ? a[i] : largest;
  v_count(OPERATION_OTHER, LARGEST);
  return largest;
}

/* Four columns at a time: of each row one load, of which those beyond four are also inserted; eight shuffles. */
static inline void v_transpose_columns(float *to, size_t to_step, const float *from, size_t from_step, size_t rows) {
  const double fours = (double)V_WIDTH / 4, inserted = rows > 4 ? (double)rows - 4 : 0;
  v_count(OPERATION_LOAD, V_WIDTH == 1 ? 1 : fours * (double)rows);
  v_count(OPERATION_OTHER, fours * (inserted + 8));
  v_count(OPERATION_STORE, V_WIDTH);
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < V_WIDTH; j++) to[j * to_step + i] = from[i * from_step + j];
}

#endif
