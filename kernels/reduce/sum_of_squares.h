/* The sum of squares of a range, block by block: what grad_sumsq gives back and clip_norm starts from.
 *
 * Error bound. In one block of 4,096 every virtual lane adds 32 squares, each by one fused multiply-add (two roundings
 * without fusing), and the tree adds seven times: at most 39 (71) roundings of u = 2^-24 on any way from a term to the
 * block's sum, all terms being positive: (39 or 71) u (1 + small) = 2.4e-6 (4.3e-6 for an unfused scalar). What is lost
 * to underflow in an unscaled block is below 2^-137 beside a sum above 2^-100. Blocks are added in double: 2^40
 * elements are 2^28 blocks, 2^28 2^-53 = 3e-8. */
#ifndef GM_SUM_OF_SQUARES_H
#define GM_SUM_OF_SQUARES_H

#include "body.h"
#include "lane/reduce.h"

GM_INLINE v_f32 add_square(const void *job, size_t i, size_t count, float scale, v_f32 sum) {
  v_f32 x = v_load((const float *)job + i, count);
  if (scale != 1.0f) x = v_mul(x, v_set(scale));
  return v_fma(x, x, sum);
}

static inline double sum_of_squares(const float *x, size_t begin, size_t end) {
  double sum = 0;
  for (size_t block = begin; block < end; block += GM_BLOCK) {
    const size_t stop = end - block < GM_BLOCK ? end : block + GM_BLOCK;
    sum += lane_sum_of_squares(add_square, x, block, stop);
  }
  return sum;
}

#endif
