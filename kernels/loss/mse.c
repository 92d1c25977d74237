#define GM_ROW "row/mse.def"
#include "body.h"
#include "lane/reduce.h"

struct job {
  const float *outputs, *targets;
  float *output_grads;
  float two_by_n;
};

/* Writes the gradient on the way; doing so again in a scaled second pass writes the same bits, but where the difference
 * overflows, which only that pass can do without. */
GM_INLINE v_f32 step(const void *opaque, size_t i, size_t count, float scale, v_f32 sum) {
  const struct job j = *(const struct job *)opaque;
  const v_f32 y = v_load(j.outputs + i, count), t = v_load(j.targets + i, count);
  v_f32 difference = v_sub(y, t), gradient = v_mul(v_set(j.two_by_n), difference);
  if (scale != 1.0f) {
    gradient = lane_scaled_difference(y, t, j.two_by_n);
    difference = lane_scaled_difference(y, t, scale);
  }
  v_store(j.output_grads + i, gradient, count);
  return v_fma(difference, difference, sum);
}

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)coef, (void)scratch;
  const gm_mse_f32_args a = gm_mse_f32_read(frame);
  const struct job job = {a.outputs, a.targets, a.output_grads, (float)(2 / (double)a.n)};
  double sum = 0;
  for (size_t block = begin; block < end; block += GM_BLOCK) {
    const size_t stop = end - block < GM_BLOCK ? end : block + GM_BLOCK;
    sum += lane_sum_of_squares(step, &job, block, stop);
  }
  return sum;
}

GM_BODY(mse, f32) = {.run = run};
