/* -t log s(x) - (1 - t) log s(-x) with the sigmoid s and log s(x) = -(max(-x, 0) + log(1 + e^-|x|)): no exponential
 * overflows, and no logarithm is of a rounded probability. */
#define GM_ROW "row/bce_logits.def"
#include "body.h"
#include "lane/math.h"
#include "lane/reduce.h"

struct job {
  const float *logits, *targets;
  float *logit_grads;
  float one_by_n;
};

/* Writes the gradient on the way; doing so again in a scaled second pass writes the same bits. */
GM_INLINE v_f32 step(const void *opaque, size_t i, size_t count, float scale, v_f32 sum) {
  const struct job j = *(const struct job *)opaque;
  const v_f32 x = v_load(j.logits + i, count), t = v_load(j.targets + i, count);
  const v_f32 z = v_exp_nonpositive(v_neg_abs(x));
  v_store(j.logit_grads + i, v_mul(v_sub(v_sigmoid_of(x, z), t), v_set(j.one_by_n)), count);
  const v_f32 linear = v_fma(v_sub(v_set(1.0f), t), x, v_max(v_neg(x), v_zero())); /* a NaN is in the product */
  const v_f32 term = v_add(linear, v_log1p_unit(z));
  return v_add(sum, scale == 1.0f ? term : v_mul(term, v_set(scale)));
}

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)coef, (void)scratch;
  const gm_bce_logits_f32_args a = gm_bce_logits_f32_read(frame);
  const struct job job = {a.logits, a.targets, a.logit_grads, (float)(1 / (double)a.n)};
  double sum = 0;
  for (size_t block = begin; block < end; block += GM_BLOCK) {
    const size_t stop = end - block < GM_BLOCK ? end : block + GM_BLOCK;
    sum += lane_sum_of_magnitudes(step, &job, LANE_HEAVY, block, stop);
  }
  return sum;
}

GM_BODY(bce_logits, f32) = {.run = run};
