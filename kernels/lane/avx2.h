/* Lanes of eight floats: AVX2 with FMA (x86-64-v3). */
#ifndef GM_LANE_AVX2_H
#define GM_LANE_AVX2_H

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef __m256 v_f32;
typedef __m256 v_mask;
#define V_WIDTH 8
#define V_FUSED 1
#define V_REGISTERS 16
#define V_COMPOSED 1

static inline v_f32 v_set(float x) { return _mm256_set1_ps(x); }
static inline v_f32 v_load_all(const float *p) { return _mm256_broadcast_ss(p); }

/* A masked lane neither reads nor faults, so a partial vector touches only what is inside the array. */
static inline __m256i v_first(size_t count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
static inline v_f32 v_load(const float *p, size_t count) {
  return count >= V_WIDTH ? _mm256_loadu_ps(p) : _mm256_maskload_ps(p, v_first(count));
}
static inline v_f32 v_load_or(const float *p, size_t count, v_f32 other) {
  if (count >= V_WIDTH) return _mm256_loadu_ps(p);
  const __m256i first = v_first(count);
  return _mm256_blendv_ps(other, _mm256_maskload_ps(p, first), _mm256_castsi256_ps(first));
}
static inline void v_store(float *p, v_f32 x, size_t count) {
  if (count >= V_WIDTH)
    _mm256_storeu_ps(p, x);
  else
    _mm256_maskstore_ps(p, v_first(count), x);
}
#define V_HOLDS 1
static inline v_f32 v_hold(v_f32 x) {
  __asm__("" : "+x"(x));
  return x;
}

/* Past the caches; p is a multiple of the vector's bytes. */
#define V_STREAMS 1
static inline void v_store_streaming(float *p, v_f32 x) { _mm256_stream_ps(p, x); }
static inline void v_streamed(void) { _mm_sfence(); }
static inline v_f32 v_keep(v_f32 a, size_t count) {
  return count >= V_WIDTH ? a : _mm256_and_ps(a, _mm256_castsi256_ps(v_first(count)));
}

/* There are no masked accesses to bytes. */
static inline v_f32 v_load_i8(const int8_t *p, size_t count) {
  uint64_t bytes = 0;
  if (count >= V_WIDTH)
    memcpy(&bytes, p, V_WIDTH);
  else
    for (size_t i = 0; i < count; i++) bytes |= (uint64_t)(uint8_t)p[i] << 8 * i;
  return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_cvtsi64_si128((int64_t)bytes)));
}
/* The lowest byte of each lane, four at a time, then both fours side by side. */
static inline void v_store_i8(int8_t *p, v_f32 x, size_t count) {
  const __m256i lowest = _mm256_broadcastsi128_si256(_mm_cvtsi32_si128(0x0c080400));
  const __m256i fours = _mm256_shuffle_epi8(_mm256_cvtps_epi32(x), lowest);
  const __m256i both = _mm256_permutevar8x32_epi32(fours, _mm256_setr_epi32(0, 4, 0, 4, 0, 4, 0, 4));
  const uint64_t bytes = (uint64_t)_mm_cvtsi128_si64(_mm256_castsi256_si128(both));
  if (count >= V_WIDTH)
    memcpy(p, &bytes, V_WIDTH);
  else
    for (size_t i = 0; i < count; i++) p[i] = (int8_t)(bytes >> 8 * i);
}

static inline v_f32 v_add(v_f32 a, v_f32 b) { return _mm256_add_ps(a, b); }
static inline v_f32 v_sub(v_f32 a, v_f32 b) { return _mm256_sub_ps(a, b); }
static inline v_f32 v_mul(v_f32 a, v_f32 b) { return _mm256_mul_ps(a, b); }
static inline v_f32 v_div(v_f32 a, v_f32 b) { return _mm256_div_ps(a, b); }
static inline v_f32 v_sqrt(v_f32 a) { return _mm256_sqrt_ps(a); }
static inline v_f32 v_fma(v_f32 a, v_f32 b, v_f32 c) { return _mm256_fmadd_ps(a, b, c); }
static inline v_f32 v_fnma(v_f32 a, v_f32 b, v_f32 c) { return _mm256_fnmadd_ps(a, b, c); }
static inline v_f32 v_fms(v_f32 a, v_f32 b, v_f32 c) { return _mm256_fmsub_ps(a, b, c); }

static inline v_mask v_less(v_f32 a, v_f32 b) { return _mm256_cmp_ps(a, b, _CMP_LT_OQ); }
static inline v_mask v_is_nan(v_f32 a) { return _mm256_cmp_ps(a, a, _CMP_UNORD_Q); }
static inline v_f32 v_select(v_mask m, v_f32 yes, v_f32 no) { return _mm256_blendv_ps(no, yes, m); }
static inline v_f32 v_where(v_mask m, v_f32 a) { return _mm256_and_ps(m, a); }
static inline v_f32 v_unless(v_mask m, v_f32 a) { return _mm256_andnot_ps(m, a); }
static inline v_f32 v_max(v_f32 a, v_f32 b) { return _mm256_max_ps(a, b); }
static inline v_f32 v_min(v_f32 a, v_f32 b) { return _mm256_min_ps(a, b); }

static inline v_f32 v_sign_bits(void) { return _mm256_set1_ps(-0.0f); }
static inline v_f32 v_neg(v_f32 a) { return _mm256_xor_ps(a, v_sign_bits()); }
static inline v_f32 v_neg_abs(v_f32 a) { return _mm256_or_ps(a, v_sign_bits()); }
static inline v_f32 v_abs(v_f32 a) { return _mm256_andnot_ps(v_sign_bits(), a); }
static inline v_f32 v_copysign(v_f32 magnitude, v_f32 sign) {
  return _mm256_or_ps(magnitude, _mm256_and_ps(v_sign_bits(), sign));
}

static inline v_f32 v_pow2(v_f32 sum) { return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(sum), 23)); }

/* What composed.h is made of. */
typedef __m256i v_int;
static inline v_int v_int_set(uint32_t x) { return _mm256_set1_epi32((int)x); }
static inline v_int v_bits(v_f32 a) { return _mm256_castps_si256(a); }
static inline v_f32 v_from_bits(v_int a) { return _mm256_castsi256_ps(a); }
static inline v_int v_int_sub(v_int a, v_int b) { return _mm256_sub_epi32(a, b); }
static inline v_int v_int_and(v_int a, v_int b) { return _mm256_and_si256(a, b); }
static inline v_int v_int_halve(v_int a) { return _mm256_srai_epi32(a, 1); }
static inline v_int v_int_exponent(v_int a) { return _mm256_srai_epi32(a, 23); }
static inline v_f32 v_int_value(v_int a) { return _mm256_cvtepi32_ps(a); }

/* Relative error below 1.5 * 2^-12; a subnormal argument counts as zero and gives infinity. */
static inline v_f32 v_reciprocal_estimate(v_f32 a) { return _mm256_rcp_ps(a); }
static inline v_f32 v_rsqrt_estimate(v_f32 a) { return _mm256_rsqrt_ps(a); }

/* The sum of the lanes, halves first: lane l + lane l + 4, then + 2, + 1. */
static inline float v_sum(v_f32 a) {
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

/* The largest lane; there must be no NaN. */
static inline float v_largest(v_f32 a) {
  const __m128 four = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
  const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}

/* Two rows with three between them, four columns of each; a row that is not there is zero. */
static inline __m256 v_quads(const float *from, size_t step, ptrdiff_t rows) {
  const __m256 x = rows > 0 ? _mm256_castps128_ps256(_mm_loadu_ps(from)) : _mm256_setzero_ps();
  return rows > 4 ? _mm256_insertf128_ps(x, _mm_loadu_ps(from + 4 * step), 1) : x;
}
/* Rows are brought together by loads, which leaves two rounds of shuffles: only one port has those. */
static inline __attribute__((always_inline)) void v_transpose_rows(float *to, size_t to_step, const float *from,
                                                                   size_t from_step, ptrdiff_t rows) {
  for (size_t j = 0; j < V_WIDTH; j += 4, from += 4, to += 4 * to_step) {
    const __m256 a = v_quads(from, from_step, rows), b = v_quads(from + from_step, from_step, rows - 1);
    const __m256 c = v_quads(from + 2 * from_step, from_step, rows - 2);
    const __m256 d = v_quads(from + 3 * from_step, from_step, rows - 3);
    const __m256d ab = _mm256_castps_pd(_mm256_unpacklo_ps(a, b)), cd = _mm256_castps_pd(_mm256_unpacklo_ps(c, d));
    const __m256d AB = _mm256_castps_pd(_mm256_unpackhi_ps(a, b)), CD = _mm256_castps_pd(_mm256_unpackhi_ps(c, d));
    v_store(to, _mm256_castpd_ps(_mm256_unpacklo_pd(ab, cd)), (size_t)rows);
    v_store(to + to_step, _mm256_castpd_ps(_mm256_unpackhi_pd(ab, cd)), (size_t)rows);
    v_store(to + 2 * to_step, _mm256_castpd_ps(_mm256_unpacklo_pd(AB, CD)), (size_t)rows);
    v_store(to + 3 * to_step, _mm256_castpd_ps(_mm256_unpackhi_pd(AB, CD)), (size_t)rows);
  }
}
static inline void v_transpose_columns(float *to, size_t to_step, const float *from, size_t from_step, size_t rows) {
  if (rows == V_WIDTH)
    v_transpose_rows(to, to_step, from, from_step, V_WIDTH);
  else
    v_transpose_rows(to, to_step, from, from_step, (ptrdiff_t)rows);
}

#endif
