/* Sums with one order for every ISA. Element i of a range goes to virtual lane i mod 128, whatever the vector's width;
 * the lanes are added up by one tree. So every fused ISA gives the same bits, and no rounding error grows beyond the
 * number of rows: each virtual lane adds (end - begin) / 128 terms, the tree seven more.
 *
 * Named accumulators hide the latency of the additions; narrow vectors go over the range several times, each time for
 * other lanes. A range is short enough (a block, a row) to stay in the nearest cache meanwhile. */
#ifndef GM_LANE_REDUCE_H
#define GM_LANE_REDUCE_H

#include <stdbool.h>

#include "lane/lane.h"

enum { LANE_SUMS = 128 };

/* Adds the terms of the elements i .. i+count-1 to `sum` and returns it; lanes beyond count may hold anything. `scale`
 * is what the sum is called with: a compile-time 1 where nothing is scaled, as in the first pass of
 * lane_sum_of_squares. */
typedef v_f32 lane_accumulate(const void *job, size_t i, size_t count, float scale, v_f32 sum);

/* Lane l + lane l + 64, then + 32, ... + 1: first what is wider than eight vectors, then eight vectors, then one. */
GM_INLINE float lane_tree(float *lanes) {
  for (size_t half = LANE_SUMS / 2; half >= 8 * V_WIDTH; half /= 2)
    for (size_t lane = 0; lane < half; lane += V_WIDTH)
      v_store(lanes + lane, v_add(v_load(lanes + lane, V_WIDTH), v_load(lanes + lane + half, V_WIDTH)), V_WIDTH);
  const v_f32 s0 = v_load(lanes, V_WIDTH), s1 = v_load(lanes + V_WIDTH, V_WIDTH);
  const v_f32 s2 = v_load(lanes + 2 * V_WIDTH, V_WIDTH), s3 = v_load(lanes + 3 * V_WIDTH, V_WIDTH);
  const v_f32 s4 = v_load(lanes + 4 * V_WIDTH, V_WIDTH), s5 = v_load(lanes + 5 * V_WIDTH, V_WIDTH);
  const v_f32 s6 = v_load(lanes + 6 * V_WIDTH, V_WIDTH), s7 = v_load(lanes + 7 * V_WIDTH, V_WIDTH);
  const v_f32 t0 = v_add(s0, s4), t1 = v_add(s1, s5), t2 = v_add(s2, s6), t3 = v_add(s3, s7);
  return v_sum(v_add(v_add(t0, t2), v_add(t1, t3)));
}

/* How many accumulators there are at once: as many as hide the latency of an addition, or, beside a long computation
 * which takes its time and the registers, half of them. */
enum lane_at_once { LANE_LIGHT = 8, LANE_HEAVY = 4 };

GM_INLINE float lane_sum(lane_accumulate *accumulate, const void *job, float scale, enum lane_at_once at_once,
                         size_t begin, size_t end) {
  float lanes[LANE_SUMS];
  const size_t rest = begin + (end - begin) / LANE_SUMS * LANE_SUMS;
  for (size_t lane = 0; lane < LANE_SUMS; lane += at_once * V_WIDTH) {
    v_f32 s0 = v_zero(), s1 = v_zero(), s2 = v_zero(), s3 = v_zero();
    v_f32 s4 = v_zero(), s5 = v_zero(), s6 = v_zero(), s7 = v_zero();
    for (size_t i = begin + lane; i < rest; i += LANE_SUMS) {
      s0 = accumulate(job, i, V_WIDTH, scale, s0);
      s1 = accumulate(job, i + 1 * V_WIDTH, V_WIDTH, scale, s1);
      s2 = accumulate(job, i + 2 * V_WIDTH, V_WIDTH, scale, s2);
      s3 = accumulate(job, i + 3 * V_WIDTH, V_WIDTH, scale, s3);
      if (at_once == LANE_HEAVY) continue;
      s4 = accumulate(job, i + 4 * V_WIDTH, V_WIDTH, scale, s4);
      s5 = accumulate(job, i + 5 * V_WIDTH, V_WIDTH, scale, s5);
      s6 = accumulate(job, i + 6 * V_WIDTH, V_WIDTH, scale, s6);
      s7 = accumulate(job, i + 7 * V_WIDTH, V_WIDTH, scale, s7);
    }
    v_store(lanes + lane, s0, V_WIDTH);
    v_store(lanes + lane + 1 * V_WIDTH, s1, V_WIDTH);
    v_store(lanes + lane + 2 * V_WIDTH, s2, V_WIDTH);
    v_store(lanes + lane + 3 * V_WIDTH, s3, V_WIDTH);
    if (at_once == LANE_HEAVY) continue;
    v_store(lanes + lane + 4 * V_WIDTH, s4, V_WIDTH);
    v_store(lanes + lane + 5 * V_WIDTH, s5, V_WIDTH);
    v_store(lanes + lane + 6 * V_WIDTH, s6, V_WIDTH);
    v_store(lanes + lane + 7 * V_WIDTH, s7, V_WIDTH);
  }
  size_t i = rest;
  for (float *lane = lanes; end - i >= V_WIDTH; i += V_WIDTH, lane += V_WIDTH)
    v_store(lane, accumulate(job, i, V_WIDTH, scale, v_load(lane, V_WIDTH)), V_WIDTH);
  if (i < end) {
    const v_f32 sum = v_load(lanes + (i - rest), end - i);
    v_store(lanes + (i - rest), accumulate(job, i, end - i, scale, sum), end - i);
  }
  return lane_tree(lanes);
}

/* The terms of one vector of a short range; zero beyond its end. */
GM_INLINE v_f32 lane_terms(lane_accumulate *accumulate, const void *job, float scale, size_t i, size_t end) {
  if (i >= end) return v_zero();
  const size_t count = end - i < V_WIDTH ? end - i : V_WIDTH;
  return v_keep(accumulate(job, i, count, scale, v_zero()), count);
}

/* lane_sum of the elements 0 .. count-1, count <= LANE_SHORT, without lanes in memory: the terms lie in four vectors,
 * and all that the tree would add to them is zero. */
enum { LANE_SHORT = 4 * V_WIDTH };
GM_INLINE float lane_sum_short(lane_accumulate *accumulate, const void *job, float scale, size_t count) {
  const v_f32 s0 = lane_terms(accumulate, job, scale, 0, count);
  if (count <= V_WIDTH) return v_sum(s0);
  const v_f32 s1 = lane_terms(accumulate, job, scale, 1 * V_WIDTH, count);
  const v_f32 s2 = lane_terms(accumulate, job, scale, 2 * V_WIDTH, count);
  const v_f32 s3 = lane_terms(accumulate, job, scale, 3 * V_WIDTH, count);
  return v_sum(v_add(v_add(s0, s2), v_add(s1, s3)));
}

/* (a - b) scale, where a - b alone may overflow: the difference of the halves does not, and then has lost nothing. */
GM_INLINE v_f32 lane_scaled_difference(v_f32 a, v_f32 b, float scale) {
  const v_f32 half = v_set(0.5f), difference = v_sub(a, b);
  const v_f32 of_halves = v_mul(v_sub(v_mul(a, half), v_mul(b, half)), v_set(2 * scale));
  return v_select(v_less(v_abs(difference), v_set(__builtin_inff())), v_mul(difference, v_set(scale)), of_halves);
}

/* The sum of one block of magnitudes, of any finite values and differences of such: where it overflows, or is NaN, the
 * block is summed again with a power of two as scale, which `accumulate` multiplies the terms with. */
GM_INLINE double lane_sum_of_magnitudes(lane_accumulate *accumulate, const void *job, enum lane_at_once at_once,
                                        size_t begin, size_t end) {
  const float plain = lane_sum(accumulate, job, 1.0f, at_once, begin, end);
  if (plain <= 0x1.fffffep127f) return plain;
  const float scale = 0x1p-14f; /* GM_BLOCK = 2^12 terms below 2^129 */
  return (double)lane_sum(accumulate, job, scale, at_once, begin, end) / (double)scale;
}

/* The sum of squares of one block, of any finite values and differences of such. In f32 the squares of large values
 * overflow and those of small ones vanish; where the plain sum shows that this may have happened, the block, still in
 * the nearest cache, is summed again with a power of two as scale. `accumulate` adds squares of scaled terms. */
GM_INLINE double lane_sum_of_squares(lane_accumulate *accumulate, const void *job, size_t begin, size_t end) {
  const float plain = lane_sum(accumulate, job, 1.0f, LANE_LIGHT, begin, end);
  if (plain >= 0x1p-100f && plain <= 0x1.fffffep127f) return plain;
  /* Below: every |term| < 2^-50, the smallest 2^-149. Above, or NaN: every |term| <= 2^129. */
  const float scale = plain < 1.0f ? 0x1p100f : 0x1p-76f;
  const double scaled = lane_sum(accumulate, job, scale, LANE_LIGHT, begin, end);
  return scaled / ((double)scale * scale);
}

/* The largest |x| that is finite; 0 if there is none. The order of a maximum does not matter. */
GM_INLINE v_f32 lane_larger(const float *x, size_t count, bool only_finite, v_f32 largest) {
  const v_f32 size = v_abs(v_load(x, count));
  if (only_finite) return v_max(v_where(v_less(size, v_set(__builtin_inff())), size), largest);
  return v_max(size, largest); /* of a NaN, the second argument */
}

GM_INLINE float lane_largest_of(const float *x, size_t begin, size_t end, bool only_finite) {
  v_f32 m0 = v_zero(), m1 = m0, m2 = m0, m3 = m0, m4 = m0, m5 = m0, m6 = m0, m7 = m0;
  size_t i = begin;
  for (; end - i >= 8 * V_WIDTH; i += 8 * V_WIDTH) {
    m0 = lane_larger(x + i, V_WIDTH, only_finite, m0);
    m1 = lane_larger(x + i + 1 * V_WIDTH, V_WIDTH, only_finite, m1);
    m2 = lane_larger(x + i + 2 * V_WIDTH, V_WIDTH, only_finite, m2);
    m3 = lane_larger(x + i + 3 * V_WIDTH, V_WIDTH, only_finite, m3);
    m4 = lane_larger(x + i + 4 * V_WIDTH, V_WIDTH, only_finite, m4);
    m5 = lane_larger(x + i + 5 * V_WIDTH, V_WIDTH, only_finite, m5);
    m6 = lane_larger(x + i + 6 * V_WIDTH, V_WIDTH, only_finite, m6);
    m7 = lane_larger(x + i + 7 * V_WIDTH, V_WIDTH, only_finite, m7);
  }
  for (; i < end; i += V_WIDTH) {
    const size_t count = end - i < V_WIDTH ? end - i : V_WIDTH;
    m0 = lane_larger(x + i, count, only_finite, m0);
  }
  return v_largest(v_max(v_max(v_max(m0, m1), v_max(m2, m3)), v_max(v_max(m4, m5), v_max(m6, m7))));
}

/* Infinities are rare: only a range that has one is looked at with more care. */
static inline float lane_largest_finite(const float *x, size_t begin, size_t end) {
  const float largest = lane_largest_of(x, begin, end, false);
  return largest < __builtin_inff() ? largest : lane_largest_of(x, begin, end, true);
}

#endif
