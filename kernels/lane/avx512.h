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
#define V_REGISTERS 32
#define V_COMPOSED 0

static inline v_f32 v_set(float x) { return _mm512_set1_ps(x); }
static inline v_f32 v_load_all(const float *p) { return _mm512_set1_ps(*p); }

/* A masked lane neither reads nor faults, so a partial vector touches only what is inside the array. */
static inline v_mask v_first(size_t count) { return (v_mask)((1U << count) - 1U); }
static inline v_f32 v_load(const float *p, size_t count) {
  return count >= V_WIDTH ? _mm512_loadu_ps(p) : _mm512_maskz_loadu_ps(v_first(count), p);
}
static inline v_f32 v_load_or(const float *p, size_t count, v_f32 other) {
  return count >= V_WIDTH ? _mm512_loadu_ps(p) : _mm512_mask_loadu_ps(other, v_first(count), p);
}
static inline void v_store(float *p, v_f32 x, size_t count) {
  if (count >= V_WIDTH)
    _mm512_storeu_ps(p, x);
  else
    _mm512_mask_storeu_ps(p, v_first(count), x);
}
#define V_HOLDS 1
static inline v_f32 v_hold(v_f32 x) {
  __asm__("" : "+v"(x));
  return x;
}

/* Past the caches; p is a multiple of the vector's bytes. */
#define V_STREAMS 1
static inline void v_store_streaming(float *p, v_f32 x) { _mm512_stream_ps(p, x); }
static inline void v_streamed(void) { _mm_sfence(); }
static inline v_f32 v_keep(v_f32 a, size_t count) {
  return count >= V_WIDTH ? a : _mm512_maskz_mov_ps(v_first(count), a);
}

static inline v_f32 v_load_i8(const int8_t *p, size_t count) {
  const __m128i bytes =
      count >= V_WIDTH ? _mm_loadu_si128((const __m128i *)p) : _mm_maskz_loadu_epi8(v_first(count), p);
  return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(bytes));
}
static inline void v_store_i8(int8_t *p, v_f32 x, size_t count) {
  const __m128i bytes = _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(x));
  if (count >= V_WIDTH)
    _mm_storeu_si128((__m128i *)p, bytes);
  else
    _mm_mask_storeu_epi8(p, v_first(count), bytes);
}

static inline v_f32 v_add(v_f32 a, v_f32 b) { return _mm512_add_ps(a, b); }
static inline v_f32 v_sub(v_f32 a, v_f32 b) { return _mm512_sub_ps(a, b); }
static inline v_f32 v_mul(v_f32 a, v_f32 b) { return _mm512_mul_ps(a, b); }
static inline v_f32 v_div(v_f32 a, v_f32 b) { return _mm512_div_ps(a, b); }
static inline v_f32 v_sqrt(v_f32 a) { return _mm512_sqrt_ps(a); }
static inline v_f32 v_fma(v_f32 a, v_f32 b, v_f32 c) { return _mm512_fmadd_ps(a, b, c); }
static inline v_f32 v_fnma(v_f32 a, v_f32 b, v_f32 c) { return _mm512_fnmadd_ps(a, b, c); }
static inline v_f32 v_fms(v_f32 a, v_f32 b, v_f32 c) { return _mm512_fmsub_ps(a, b, c); }

static inline v_mask v_less(v_f32 a, v_f32 b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
static inline v_mask v_is_nan(v_f32 a) { return _mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q); }
static inline v_f32 v_select(v_mask m, v_f32 yes, v_f32 no) { return _mm512_mask_blend_ps(m, no, yes); }
static inline v_f32 v_where(v_mask m, v_f32 a) { return _mm512_maskz_mov_ps(m, a); }
static inline v_f32 v_unless(v_mask m, v_f32 a) { return _mm512_mask_mov_ps(a, m, _mm512_setzero_ps()); }
static inline v_f32 v_max(v_f32 a, v_f32 b) { return _mm512_max_ps(a, b); }
static inline v_f32 v_min(v_f32 a, v_f32 b) { return _mm512_min_ps(a, b); }

static inline v_f32 v_sign_bits(void) { return _mm512_set1_ps(-0.0f); }
static inline v_f32 v_neg(v_f32 a) { return _mm512_xor_ps(a, v_sign_bits()); }
static inline v_f32 v_neg_abs(v_f32 a) { return _mm512_or_ps(a, v_sign_bits()); }
static inline v_f32 v_abs(v_f32 a) { return _mm512_andnot_ps(v_sign_bits(), a); }
static inline v_f32 v_copysign(v_f32 magnitude, v_f32 sign) {
  enum { FIRST_OR_BOTH = 0xf8 }; /* the other two */
  return _mm512_castsi512_ps(_mm512_ternarylogic_epi32(_mm512_castps_si512(magnitude), _mm512_castps_si512(sign),
                                                       _mm512_castps_si512(v_sign_bits()), FIRST_OR_BOTH));
}

static inline v_f32 v_pow2(v_f32 sum) { return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_castps_si512(sum), 23)); }
static inline v_f32 v_scale(v_f32 a, v_f32 n, v_f32 sum) {
  (void)sum;
  return _mm512_scalef_ps(a, n);
}

/* One more than the usual exponent where the fraction is below 1. */
static inline v_f32 v_split(v_f32 a, v_f32 *exponent) {
  const v_f32 fraction = _mm512_getmant_ps(a, _MM_MANT_NORM_p75_1p5, _MM_MANT_SIGN_src);
  *exponent = v_sub(_mm512_getexp_ps(a), _mm512_getexp_ps(fraction));
  return fraction;
}
static inline v_f32 v_exponent(v_f32 a) {
  v_f32 exponent;
  (void)v_split(a, &exponent);
  return exponent;
}

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

/* The largest lane; there must be no NaN. */
static inline float v_largest(v_f32 a) {
  const __m256 eight = _mm256_max_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
  const __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}

/* Four rows with three between them, four columns of each; a row that is not there is zero. */
static inline __m512 v_quads(const float *from, size_t step, ptrdiff_t rows) {
  const __m512 x = rows > 0 ? _mm512_castps128_ps512(_mm_loadu_ps(from)) : _mm512_setzero_ps();
  const __m512 y = rows > 4 ? _mm512_insertf32x4(x, _mm_loadu_ps(from + 4 * step), 1) : x;
  const __m512 z = rows > 8 ? _mm512_insertf32x4(y, _mm_loadu_ps(from + 8 * step), 2) : y;
  return rows > 12 ? _mm512_insertf32x4(z, _mm_loadu_ps(from + 12 * step), 3) : z;
}
/* Rows are brought together by loads, which leaves two rounds of shuffles: only one port has those. */
static inline __attribute__((always_inline)) void v_transpose_rows(float *to, size_t to_step, const float *from,
                                                                   size_t from_step, ptrdiff_t rows) {
  for (size_t j = 0; j < V_WIDTH; j += 4, from += 4, to += 4 * to_step) {
    const __m512 a = v_quads(from, from_step, rows), b = v_quads(from + from_step, from_step, rows - 1);
    const __m512 c = v_quads(from + 2 * from_step, from_step, rows - 2);
    const __m512 d = v_quads(from + 3 * from_step, from_step, rows - 3);
    const __m512d ab = _mm512_castps_pd(_mm512_unpacklo_ps(a, b)), cd = _mm512_castps_pd(_mm512_unpacklo_ps(c, d));
    const __m512d AB = _mm512_castps_pd(_mm512_unpackhi_ps(a, b)), CD = _mm512_castps_pd(_mm512_unpackhi_ps(c, d));
    v_store(to, _mm512_castpd_ps(_mm512_unpacklo_pd(ab, cd)), (size_t)rows);
    v_store(to + to_step, _mm512_castpd_ps(_mm512_unpackhi_pd(ab, cd)), (size_t)rows);
    v_store(to + 2 * to_step, _mm512_castpd_ps(_mm512_unpacklo_pd(AB, CD)), (size_t)rows);
    v_store(to + 3 * to_step, _mm512_castpd_ps(_mm512_unpackhi_pd(AB, CD)), (size_t)rows);
  }
}
static inline void v_transpose_columns(float *to, size_t to_step, const float *from, size_t from_step, size_t rows) {
  if (rows == V_WIDTH)
    v_transpose_rows(to, to_step, from, from_step, V_WIDTH);
  else
    v_transpose_rows(to, to_step, from, from_step, (ptrdiff_t)rows);
}

#endif
