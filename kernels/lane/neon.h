/* Lanes of four floats: AArch64 with Advanced SIMD. */
#ifndef GM_LANE_NEON_H
#define GM_LANE_NEON_H

#include <arm_neon.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef float32x4_t v_f32;
typedef uint32x4_t v_mask;
#define V_WIDTH 4
#define V_FUSED 1
#define V_REGISTERS 32
#define V_COMPOSED 1

static inline v_f32 v_set(float x) { return vdupq_n_f32(x); }
static inline v_f32 v_load_all(const float *p) { return vld1q_dup_f32(p); }

/* There are no masked accesses: the lanes of a partial vector go one by one. */
static inline v_f32 v_load(const float *p, size_t count) {
  if (count >= V_WIDTH) return vld1q_f32(p);
  v_f32 x = vdupq_n_f32(0);
  if (count > 0) x = vld1q_lane_f32(p, x, 0);
  if (count > 1) x = vld1q_lane_f32(p + 1, x, 1);
  if (count > 2) x = vld1q_lane_f32(p + 2, x, 2);
  return x;
}
static inline v_f32 v_load_or(const float *p, size_t count, v_f32 other) {
  if (count >= V_WIDTH) return vld1q_f32(p);
  if (count > 0) other = vld1q_lane_f32(p, other, 0);
  if (count > 1) other = vld1q_lane_f32(p + 1, other, 1);
  if (count > 2) other = vld1q_lane_f32(p + 2, other, 2);
  return other;
}
static inline void v_store(float *p, v_f32 x, size_t count) {
  if (count >= V_WIDTH) {
    vst1q_f32(p, x);
    return;
  }
  if (count > 0) vst1q_lane_f32(p, x, 0);
  if (count > 1) vst1q_lane_f32(p + 1, x, 1);
  if (count > 2) vst1q_lane_f32(p + 2, x, 2);
}
static inline v_f32 v_keep(v_f32 a, size_t count) {
  static const uint32_t places[V_WIDTH] = {0, 1, 2, 3};
  const uint32x4_t first = vcltq_u32(vld1q_u32(places), vdupq_n_u32(count < V_WIDTH ? (uint32_t)count : V_WIDTH));
  return vreinterpretq_f32_u32(vandq_u32(vreinterpretq_u32_f32(a), first));
}

static inline v_f32 v_load_i8(const int8_t *p, size_t count) {
  uint32_t bytes = 0;
  if (count >= V_WIDTH)
    memcpy(&bytes, p, V_WIDTH);
  else
    for (size_t i = 0; i < count; i++) bytes |= (uint32_t)(uint8_t)p[i] << 8 * i;
  const int16x8_t words = vmovl_s8(vreinterpret_s8_u32(vdup_n_u32(bytes)));
  return vcvtq_f32_s32(vmovl_s16(vget_low_s16(words)));
}
static inline void v_store_i8(int8_t *p, v_f32 x, size_t count) {
  const int16x4_t words = vmovn_s32(vcvtnq_s32_f32(x));
  const uint32_t bytes = vget_lane_u32(vreinterpret_u32_s8(vmovn_s16(vcombine_s16(words, words))), 0);
  if (count >= V_WIDTH)
    memcpy(p, &bytes, V_WIDTH);
  else
    for (size_t i = 0; i < count; i++) p[i] = (int8_t)(bytes >> 8 * i);
}

static inline v_f32 v_add(v_f32 a, v_f32 b) { return vaddq_f32(a, b); }
static inline v_f32 v_sub(v_f32 a, v_f32 b) { return vsubq_f32(a, b); }
static inline v_f32 v_mul(v_f32 a, v_f32 b) { return vmulq_f32(a, b); }
static inline v_f32 v_div(v_f32 a, v_f32 b) { return vdivq_f32(a, b); }
static inline v_f32 v_sqrt(v_f32 a) { return vsqrtq_f32(a); }
static inline v_f32 v_fma(v_f32 a, v_f32 b, v_f32 c) { return vfmaq_f32(c, a, b); }
static inline v_f32 v_fnma(v_f32 a, v_f32 b, v_f32 c) { return vfmsq_f32(c, a, b); }
static inline v_f32 v_fms(v_f32 a, v_f32 b, v_f32 c) { return vfmaq_f32(vnegq_f32(c), a, b); }

static inline v_mask v_less(v_f32 a, v_f32 b) { return vcltq_f32(a, b); }
static inline v_mask v_is_nan(v_f32 a) { return vmvnq_u32(vceqq_f32(a, a)); }
static inline v_f32 v_select(v_mask m, v_f32 yes, v_f32 no) { return vbslq_f32(m, yes, no); }
static inline v_f32 v_where(v_mask m, v_f32 a) { return vreinterpretq_f32_u32(vandq_u32(m, vreinterpretq_u32_f32(a))); }
static inline v_f32 v_unless(v_mask m, v_f32 a) {
  return vreinterpretq_f32_u32(vbicq_u32(vreinterpretq_u32_f32(a), m));
}
/* FMAX and FMIN have another NaN rule than lane.h promises. */
static inline v_f32 v_max(v_f32 a, v_f32 b) { return vbslq_f32(vcgtq_f32(a, b), a, b); }
static inline v_f32 v_min(v_f32 a, v_f32 b) { return vbslq_f32(vcltq_f32(a, b), a, b); }

static inline v_f32 v_neg(v_f32 a) { return vnegq_f32(a); }
static inline v_f32 v_neg_abs(v_f32 a) {
  return vreinterpretq_f32_u32(vorrq_u32(vreinterpretq_u32_f32(a), vdupq_n_u32(0x80000000U)));
}
static inline v_f32 v_abs(v_f32 a) { return vabsq_f32(a); }
static inline v_f32 v_copysign(v_f32 magnitude, v_f32 sign) {
  return vbslq_f32(vdupq_n_u32(0x80000000U), sign, magnitude);
}

static inline v_f32 v_pow2(v_f32 sum) { return vreinterpretq_f32_u32(vshlq_n_u32(vreinterpretq_u32_f32(sum), 23)); }

/* What composed.h is made of. */
typedef uint32x4_t v_int;
static inline v_int v_int_set(uint32_t x) { return vdupq_n_u32(x); }
static inline v_int v_bits(v_f32 a) { return vreinterpretq_u32_f32(a); }
static inline v_f32 v_from_bits(v_int a) { return vreinterpretq_f32_u32(a); }
static inline v_int v_int_sub(v_int a, v_int b) { return vsubq_u32(a, b); }
static inline v_int v_int_and(v_int a, v_int b) { return vandq_u32(a, b); }
static inline v_int v_int_halve(v_int a) { return vreinterpretq_u32_s32(vshrq_n_s32(vreinterpretq_s32_u32(a), 1)); }
static inline v_int v_int_exponent(v_int a) { return vreinterpretq_u32_s32(vshrq_n_s32(vreinterpretq_s32_u32(a), 23)); }
static inline v_f32 v_int_value(v_int a) { return vcvtq_f32_s32(vreinterpretq_s32_u32(a)); }

/* The sum of the lanes, halves first: lane l + lane l + 2, then + 1. */
static inline float v_sum(v_f32 a) {
  const float32x2_t two = vadd_f32(vget_low_f32(a), vget_high_f32(a));
  return vget_lane_f32(vpadd_f32(two, two), 0);
}

/* The largest lane; there must be no NaN. */
static inline float v_largest(v_f32 a) { return vmaxvq_f32(a); }

static inline void v_transpose_columns(float *to, size_t to_step, const float *from, size_t from_step, size_t rows) {
  const v_f32 zero = vdupq_n_f32(0), a = rows > 0 ? vld1q_f32(from) : zero;
  const v_f32 b = rows > 1 ? vld1q_f32(from + from_step) : zero, c = rows > 2 ? vld1q_f32(from + 2 * from_step) : zero;
  const v_f32 d = rows > 3 ? vld1q_f32(from + 3 * from_step) : zero;
  const float64x2_t ab = vreinterpretq_f64_f32(vzip1q_f32(a, b)), cd = vreinterpretq_f64_f32(vzip1q_f32(c, d));
  const float64x2_t AB = vreinterpretq_f64_f32(vzip2q_f32(a, b)), CD = vreinterpretq_f64_f32(vzip2q_f32(c, d));
  v_store(to, vreinterpretq_f32_f64(vzip1q_f64(ab, cd)), rows);
  v_store(to + to_step, vreinterpretq_f32_f64(vzip2q_f64(ab, cd)), rows);
  v_store(to + 2 * to_step, vreinterpretq_f32_f64(vzip1q_f64(AB, CD)), rows);
  v_store(to + 3 * to_step, vreinterpretq_f32_f64(vzip2q_f64(AB, CD)), rows);
}

#endif
