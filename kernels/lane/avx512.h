/* Lanes of sixteen floats: AVX-512 F, BW, CD, DQ, VL. */
#ifndef GM_LANE_AVX512_H
#define GM_LANE_AVX512_H

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

typedef __m512 v_f32;
typedef __mmask16 v_mask;
#define V_WIDTH 16
#define V_FUSED 1

static inline v_f32 v_set(float x) { return _mm512_set1_ps(x); }

/* A masked lane neither reads nor faults, so a partial vector touches only what is inside the array. */
static inline v_mask v_first(size_t count) { return (v_mask)((1U << count) - 1U); }
static inline v_f32 v_load(const float *p, size_t count) {
  return count >= V_WIDTH ? _mm512_loadu_ps(p) : _mm512_maskz_loadu_ps(v_first(count), p);
}
static inline void v_store(float *p, v_f32 x, size_t count) {
  if (count >= V_WIDTH)
    _mm512_storeu_ps(p, x);
  else
    _mm512_mask_storeu_ps(p, v_first(count), x);
}

static inline v_f32 v_add(v_f32 a, v_f32 b) { return _mm512_add_ps(a, b); }
static inline v_f32 v_sub(v_f32 a, v_f32 b) { return _mm512_sub_ps(a, b); }
static inline v_f32 v_mul(v_f32 a, v_f32 b) { return _mm512_mul_ps(a, b); }
static inline v_f32 v_div(v_f32 a, v_f32 b) { return _mm512_div_ps(a, b); }
static inline v_f32 v_sqrt(v_f32 a) { return _mm512_sqrt_ps(a); }
static inline v_f32 v_fma(v_f32 a, v_f32 b, v_f32 c) { return _mm512_fmadd_ps(a, b, c); }
static inline v_f32 v_fnma(v_f32 a, v_f32 b, v_f32 c) { return _mm512_fnmadd_ps(a, b, c); }

static inline v_mask v_less(v_f32 a, v_f32 b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
static inline v_mask v_is_nan(v_f32 a) { return _mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q); }
static inline v_f32 v_select(v_mask m, v_f32 yes, v_f32 no) { return _mm512_mask_blend_ps(m, no, yes); }
static inline v_f32 v_max(v_f32 a, v_f32 b) { return _mm512_max_ps(a, b); }
static inline v_f32 v_min(v_f32 a, v_f32 b) { return _mm512_min_ps(a, b); }

static inline v_f32 v_sign_bits(void) { return _mm512_set1_ps(-0.0f); }
static inline v_f32 v_neg(v_f32 a) { return _mm512_xor_ps(a, v_sign_bits()); }
static inline v_f32 v_abs(v_f32 a) { return _mm512_andnot_ps(v_sign_bits(), a); }
static inline v_f32 v_copysign(v_f32 magnitude, v_f32 sign) {
  return _mm512_or_ps(_mm512_andnot_ps(v_sign_bits(), magnitude), _mm512_and_ps(v_sign_bits(), sign));
}

static inline v_f32 v_round(v_f32 a) { return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
static inline v_f32 v_scale(v_f32 a, v_f32 n) { return _mm512_scalef_ps(a, n); }

/* Relative error below 2^-14; subnormal arguments are handled. */
static inline v_f32 v_reciprocal_estimate(v_f32 a) { return _mm512_rcp14_ps(a); }
static inline v_f32 v_rsqrt_estimate(v_f32 a) { return _mm512_rsqrt14_ps(a); }

/* The sum of the lanes, halves first: lane l + lane l + 8, then + 4, + 2, + 1. */
static inline float v_sum(v_f32 a) {
  const __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

#endif
