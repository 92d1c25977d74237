/* sums[o] = or += the sum of column o of a row-major matrix: blocks of rows, each added up from zero in f32, are
 * totalled in double, with what was there before, and rounded once. So the sum is off by no more than KC + 1 roundings
 * of its terms' magnitudes, however many rows there are. */
#ifndef GM_LINEAR_COLUMN_SUMS_H
#define GM_LINEAR_COLUMN_SUMS_H

#include <stdbool.h>

#include "lane/lane.h"
#include "linear/counts.h"

enum { TOGETHER = 4 * V_WIDTH }; /* columns: as many additions as hide the latency of one */

/* sums = or += those of up to TOGETHER columns over one block of rows. Within its callers, whose numbers fill the
 * registers, its loop would fetch one of its own in each turn. */
__attribute__((noinline)) static void block_sums(const float *row, size_t rows, size_t columns, size_t count,
                                                 float *sums, bool accumulate) {
  if (count == TOGETHER) {
    v_f32 s0 = v_zero(), s1 = s0, s2 = s0, s3 = s0;
    for (size_t i = 0; i < rows; i++, row += columns) {
      s0 = v_add(s0, v_load(row, V_WIDTH)), s1 = v_add(s1, v_load(row + V_WIDTH, V_WIDTH));
      s2 = v_add(s2, v_load(row + 2 * V_WIDTH, V_WIDTH)), s3 = v_add(s3, v_load(row + 3 * V_WIDTH, V_WIDTH));
    }
    if (accumulate) {
      s0 = v_add(v_load(sums, V_WIDTH), s0), s1 = v_add(v_load(sums + V_WIDTH, V_WIDTH), s1);
      s2 = v_add(v_load(sums + 2 * V_WIDTH, V_WIDTH), s2), s3 = v_add(v_load(sums + 3 * V_WIDTH, V_WIDTH), s3);
    }
    v_store(sums, s0, V_WIDTH), v_store(sums + V_WIDTH, s1, V_WIDTH);
    v_store(sums + 2 * V_WIDTH, s2, V_WIDTH), v_store(sums + 3 * V_WIDTH, s3, V_WIDTH);
    return;
  }
  for (size_t j = 0; j < count; j += V_WIDTH) {
    v_f32 sum = v_zero();
    for (size_t i = 0; i < rows; i++) sum = v_add(sum, v_load(row + i * columns + j, count - j));
    if (accumulate) sum = v_add(v_load(sums + j, count - j), sum);
    v_store(sums + j, sum, count - j);
  }
}

/* Columns begin .. end of `columns`. Of a single block the old value is added in f32: two f32 have the same sum,
 * rounded once. */
static inline void column_sums(const float *matrix, size_t rows, size_t columns, float *sums, bool accumulate,
                               size_t begin, size_t end) {
  const size_t blocks = term_blocks(rows);
  for (size_t j = begin; j < end; j += TOGETHER) {
    const size_t count = least(TOGETHER, end - j);
    if (blocks <= 1) {
      block_sums(matrix + j, rows, columns, count, sums + j, accumulate);
      continue;
    }
    double total[TOGETHER];
    float part[TOGETHER] = {0};
    for (size_t c = 0; c < count; c++) total[c] = accumulate ? (double)sums[j + c] : 0;
    for (size_t block = 0; block < blocks; block++) {
      const size_t first = share(rows, blocks, block);
      block_sums(matrix + first * columns + j, share(rows, blocks, block + 1) - first, columns, count, part, false);
      for (size_t c = 0; c < count; c++) total[c] += (double)part[c];
    }
    for (size_t c = 0; c < count; c++) sums[j + c] = (float)total[c];
  }
}

#endif
