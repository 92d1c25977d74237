/* What the softmax and its cross-entropies do with a row: a few sweeps over a row that stays in the nearest cache, one
 * over DRAM. The maximum; e = exp((logit - maximum) / temperature) and its sum; the scaling, each op in its own way.
 *
 * A long row keeps e in its output. A short one keeps it in whole vectors on the stack, from which the scaling can load
 * it at once: what was stored under a mask must reach the cache first. */
#ifndef GM_SOFTMAX_ROW_H
#define GM_SOFTMAX_ROW_H

#include "body.h"
#include "lane/math.h"
#include "lane/reduce.h"

enum { FLOATS_PER_LINE = 16 };

struct softmax_row {
  const float *logits;
  float *output, *exps;
  size_t ahead; /* to the next row; 0 in the last */
  float max, scale;
};

/* The largest logit that is not NaN. Four chains hide the latency of the maximum. */
GM_INLINE float softmax_max(const float *logits, size_t cols) {
  const v_f32 least = v_set(-__builtin_inff());
  v_f32 m0 = least, m1 = least, m2 = least, m3 = least;
  size_t i = 0;
  for (; cols - i >= 4 * V_WIDTH; i += 4 * V_WIDTH) {
    m0 = v_max(v_load(logits + i, V_WIDTH), m0);
    m1 = v_max(v_load(logits + i + V_WIDTH, V_WIDTH), m1);
    m2 = v_max(v_load(logits + i + 2 * V_WIDTH, V_WIDTH), m2);
    m3 = v_max(v_load(logits + i + 3 * V_WIDTH, V_WIDTH), m3);
  }
  for (; i < cols; i += V_WIDTH) m0 = v_max(v_load_or(logits + i, cols - i, least), m0);
  return v_largest(v_max(v_max(m0, m1), v_max(m2, m3)));
}

/* The logit less the maximum. Lanes beyond count give 0, and later e^0: anything else might be subnormal, and slow. */
GM_INLINE v_f32 softmax_below(const struct softmax_row *row, size_t i, size_t count) {
  const v_f32 max = v_set(row->max);
  return v_sub(v_load_or(row->logits + i, count, max), max);
}

/* The next row is fetched meanwhile: no load of this sweep goes to memory, and hardware prefetchers stop at the end of
 * a page, which a row often is. */
GM_INLINE v_f32 softmax_add(const struct softmax_row *row, size_t i, size_t count, v_f32 below, v_f32 sum) {
  if (V_WIDTH >= FLOATS_PER_LINE || i % FLOATS_PER_LINE == 0) {
    v_prefetch(row->logits + i + row->ahead);
    v_prefetch(row->output + i + row->ahead);
  }
  const v_f32 e = v_exp_nonpositive(below);
  v_store(row->exps + i, e, count);
  return v_add(sum, e);
}
GM_INLINE v_f32 softmax_add_short(const struct softmax_row *row, size_t i, v_f32 below, v_f32 sum) {
  const v_f32 e = v_exp_nonpositive(below);
  v_store(row->exps + i, e, V_WIDTH);
  return v_add(sum, e);
}

/* Without a temperature and with one. */
GM_INLINE v_f32 softmax_plain(const void *opaque, size_t i, size_t count, float scale, v_f32 sum) {
  (void)scale;
  const struct softmax_row row = *(const struct softmax_row *)opaque;
  return softmax_add(&row, i, count, softmax_below(&row, i, count), sum);
}
GM_INLINE v_f32 softmax_plain_short(const void *opaque, size_t i, size_t count, float scale, v_f32 sum) {
  (void)scale;
  const struct softmax_row row = *(const struct softmax_row *)opaque;
  return softmax_add_short(&row, i, softmax_below(&row, i, count), sum);
}
GM_INLINE v_f32 softmax_tempered(const void *opaque, size_t i, size_t count, float inverse_temperature, v_f32 sum) {
  const struct softmax_row row = *(const struct softmax_row *)opaque;
  return softmax_add(&row, i, count, v_mul(softmax_below(&row, i, count), v_set(inverse_temperature)), sum);
}
GM_INLINE v_f32 softmax_tempered_short(const void *opaque, size_t i, size_t count, float inverse_temperature,
                                       v_f32 sum) {
  const struct softmax_row row = *(const struct softmax_row *)opaque;
  return softmax_add_short(&row, i, v_mul(softmax_below(&row, i, count), v_set(inverse_temperature)), sum);
}

/* Row `r` of `rows`, its maximum found and its exps left; *sum becomes their sum. `on_stack` has LANE_SHORT floats. */
GM_INLINE struct softmax_row softmax_row_by(lane_accumulate *add, lane_accumulate *add_short, const float *logits,
                                            float *output, size_t r, size_t rows, size_t cols,
                                            float inverse_temperature, float *on_stack, double *sum) {
  struct softmax_row row = {.logits = logits + r * cols, .output = output + r * cols, .ahead = r + 1 < rows ? cols : 0};
  row.max = softmax_max(row.logits, cols);
  if (cols <= LANE_SHORT) {
    row.exps = on_stack;
    *sum = lane_sum_short(add_short, &row, inverse_temperature, cols);
  } else {
    row.exps = row.output;
    *sum = lane_sum(add, &row, inverse_temperature, LANE_LIGHT, 0, cols);
  }
  return row;
}
GM_INLINE struct softmax_row softmax_row(const float *logits, float *output, size_t r, size_t rows, size_t cols,
                                         float *on_stack, double *sum) {
  return softmax_row_by(softmax_plain, softmax_plain_short, logits, output, r, rows, cols, 1.0f, on_stack, sum);
}
GM_INLINE struct softmax_row softmax_tempered_row(const float *logits, float *output, size_t r, size_t rows,
                                                  size_t cols, float inverse_temperature, float *on_stack,
                                                  double *sum) {
  return softmax_row_by(softmax_tempered, softmax_tempered_short, logits, output, r, rows, cols, inverse_temperature,
                        on_stack, sum);
}

/* output = scale e */
GM_INLINE void softmax_scale(const void *opaque, size_t i, size_t count) {
  const struct softmax_row row = *(const struct softmax_row *)opaque;
  v_store(row.output + i, v_mul(v_load(row.exps + i, count), v_set(row.scale)), count);
}

/* The sum of another term of each element of a row that softmax_row has been over. */
GM_INLINE double softmax_sum(lane_accumulate *accumulate, const void *job, size_t cols) {
  return cols <= LANE_SHORT ? lane_sum_short(accumulate, job, 1.0f, cols)
                            : lane_sum(accumulate, job, 1.0f, LANE_LIGHT, 0, cols);
}

/* The same of terms that are multiples of the logit less the maximum, either of which `accumulate` multiplies with its
 * scale. Of finite logits this overflows only where their size leaves 2^-64 of it all its digits. */
GM_INLINE bool softmax_overflows(double sum) { return !(sum >= -(double)0x1.fffffep127f); }
GM_INLINE double softmax_sum_scaled(lane_accumulate *accumulate, const void *job, size_t cols) {
  const float scale = 0x1p-64f;
  return lane_sum(accumulate, job, scale, LANE_LIGHT, 0, cols) / (double)scale;
}
GM_INLINE double softmax_sum_below(lane_accumulate *accumulate, const void *job, size_t cols) {
  const double plain = softmax_sum(accumulate, job, cols);
  return softmax_overflows(plain) ? softmax_sum_scaled(accumulate, job, cols) : plain;
}
GM_INLINE v_f32 softmax_below_scaled(const struct softmax_row *row, size_t i, size_t count, float scale) {
  const v_f32 x = v_load(row->logits + i, count);
  return scale == 1.0f ? v_sub(x, v_set(row->max)) : v_sub(v_mul(x, v_set(scale)), v_set(row->max * scale));
}

#endif
