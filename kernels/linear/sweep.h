/* A tile over rows that stay in L1, two rows and four terms at a time, in a loop that a compiler can make vectors of:
 * rows of C where it is written, else of sums that are then added to it. */
#ifndef GM_LINEAR_SWEEP_H
#define GM_LINEAR_SWEEP_H

GM_INLINE void sweep_rows(size_t rows, size_t terms, size_t columns, const struct tile *tile, const float *a,
                          const float *b, float *restrict c, float *restrict d) {
  const bool two = rows == 2, four = terms == 4;
  const float *e = a + tile->a_row;
  const size_t a_step = tile->a_step, b_step = tile->b_step;
  const v_f32 c0 = v_set(a[0]), d0 = two ? v_set(e[0]) : c0;
  const v_f32 c1 = four ? v_set(a[a_step]) : c0, d1 = four && two ? v_set(e[a_step]) : c0;
  const v_f32 c2 = four ? v_set(a[2 * a_step]) : c0, d2 = four && two ? v_set(e[2 * a_step]) : c0;
  const v_f32 c3 = four ? v_set(a[3 * a_step]) : c0, d3 = four && two ? v_set(e[3 * a_step]) : c0;
  for (size_t j = 0; j < columns; j += V_WIDTH) {
    v_f32 x = v_load(b + j, V_WIDTH), sum = v_fma(c0, x, v_load(c + j, V_WIDTH));
    v_f32 other = two ? v_fma(d0, x, v_load(d + j, V_WIDTH)) : sum;
    if (four) {
      x = v_load(b + b_step + j, V_WIDTH), sum = v_fma(c1, x, sum), other = v_fma(d1, x, other);
      x = v_load(b + 2 * b_step + j, V_WIDTH), sum = v_fma(c2, x, sum), other = v_fma(d2, x, other);
      x = v_load(b + 3 * b_step + j, V_WIDTH), sum = v_fma(c3, x, sum), other = v_fma(d3, x, other);
    }
    v_store(c + j, sum, V_WIDTH);
    if (two) v_store(d + j, other, V_WIDTH);
  }
}

static inline void run_tile(size_t rows, size_t columns, const struct tile *tile) {
  float own[MR * NR], *const sums = tile->from_zero ? tile->c : own;
  const size_t step = tile->from_zero ? tile->c_step : NR;
  for (size_t r = 0; r < rows; r++)
    for (size_t j = 0; j < columns; j++) sums[r * step + j] = 0;
  for (size_t l = 0; l < tile->depth; l += tile->depth - l >= 4 ? 4 : 1)
    for (size_t r = 0; r < rows; r += 2) {
      const bool two = rows - r >= 2, four = tile->depth - l >= 4;
      const float *a = tile->a + l * tile->a_step + r * tile->a_row, *b = tile->b + l * tile->b_step;
      float *c = sums + r * step, *d = two ? c + step : c;
      if (two && four)
        sweep_rows(2, 4, columns, tile, a, b, c, d);
      else if (four)
        sweep_rows(1, 4, columns, tile, a, b, c, d);
      else if (two)
        sweep_rows(2, 1, columns, tile, a, b, c, d);
      else
        sweep_rows(1, 1, columns, tile, a, b, c, d);
    }
  for (size_t r = 0; r < rows && !tile->from_zero; r++)
    for (size_t j = 0; j < columns; j++) {
      float *c = tile->c + r * tile->c_step + j;
      *c = v_add(*c, own[r * NR + j]);
    }
}

#endif
