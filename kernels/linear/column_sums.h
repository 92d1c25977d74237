/* sums[o] = or += the sum of column o of a row-major matrix, one chain of additions in the order of the rows. */
#ifndef GM_LINEAR_COLUMN_SUMS_H
#define GM_LINEAR_COLUMN_SUMS_H

#include <stdbool.h>

#include "lane/lane.h"

/* Columns begin .. end of `columns`. */
static inline void column_sums(const float *matrix, size_t rows, size_t columns, float *sums, bool accumulate,
                               size_t begin, size_t end) {
  size_t j = begin;
  for (; end - j >= 4 * V_WIDTH; j += 4 * V_WIDTH) {
    float *to = sums + j;
    v_f32 s0 = v_zero(), s1 = s0, s2 = s0, s3 = s0;
    if (accumulate) {
      s0 = v_load(to, V_WIDTH), s1 = v_load(to + V_WIDTH, V_WIDTH);
      s2 = v_load(to + 2 * V_WIDTH, V_WIDTH), s3 = v_load(to + 3 * V_WIDTH, V_WIDTH);
    }
    const float *row = matrix + j;
    for (size_t i = 0; i < rows; i++, row += columns) {
      s0 = v_add(s0, v_load(row, V_WIDTH)), s1 = v_add(s1, v_load(row + V_WIDTH, V_WIDTH));
      s2 = v_add(s2, v_load(row + 2 * V_WIDTH, V_WIDTH)), s3 = v_add(s3, v_load(row + 3 * V_WIDTH, V_WIDTH));
    }
    v_store(to, s0, V_WIDTH), v_store(to + V_WIDTH, s1, V_WIDTH);
    v_store(to + 2 * V_WIDTH, s2, V_WIDTH), v_store(to + 3 * V_WIDTH, s3, V_WIDTH);
  }
  for (; j < end; j += V_WIDTH) {
    v_f32 sum = accumulate ? v_load(sums + j, end - j) : v_zero();
    for (size_t i = 0; i < rows; i++) sum = v_add(sum, v_load(matrix + i * columns + j, end - j));
    v_store(sums + j, sum, end - j);
  }
}

#endif
