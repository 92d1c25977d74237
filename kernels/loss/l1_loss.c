#define GM_ROW "row/l1_loss.def"
#include "body.h"
#include "lane/reduce.h"

struct job {
  const float *outputs, *targets;
  float *output_grads;
  float one_by_n;
};

/* Writes the gradient on the way; doing so again in a scaled second pass writes the same bits. */
GM_INLINE v_f32 step(const void *opaque, size_t i, size_t count, float scale, v_f32 sum) {
  const struct job j = *(const struct job *)opaque;
  const v_f32 y = v_load(j.outputs + i, count), t = v_load(j.targets + i, count);
  const v_f32 difference = v_sub(y, t);
  const v_f32 magnitude = v_abs(difference);
  /* Either zero and NaN stay what they are: copysign alone would give +-1. */
  v_store(j.output_grads + i,
          v_select(v_less(v_zero(), magnitude), v_copysign(v_set(j.one_by_n), difference), difference), count);
  return v_add(sum, scale == 1.0f ? magnitude : v_abs(lane_scaled_difference(y, t, scale)));
}

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)coef, (void)scratch;
  const gm_l1_loss_f32_args a = gm_l1_loss_f32_read(frame);
  const struct job job = {a.outputs, a.targets, a.output_grads, (float)(1 / (double)a.n)};
  double sum = 0;
  for (size_t block = begin; block < end; block += GM_BLOCK) {
    const size_t stop = end - block < GM_BLOCK ? end : block + GM_BLOCK;
    sum += lane_sum_of_magnitudes(step, &job, LANE_LIGHT, block, stop);
  }
  return sum;
}

GM_BODY(l1_loss, f32) = {.run = run};
