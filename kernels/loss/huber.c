/* With k = clamp(d, -delta, delta) the loss of a difference d is k (d - k/2) on both sides of the corner, and its
 * gradient is k. Scaling d and delta by s scales the loss by s^2, as lane_sum_of_squares has it. */
#define GM_ROW "row/huber.def"
#include "body.h"
#include "lane/reduce.h"

static void prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  const gm_huber_f32_args a = gm_huber_f32_read(frame);
  coef[0] = (float)a.delta;
  coef[1] = (float)(1 / (double)a.n);
}

struct job {
  const float *outputs, *targets;
  float *output_grads;
  float delta, one_by_n;
};

/* Writes the gradient on the way; doing so again in a scaled second pass writes the same bits. */
GM_INLINE v_f32 step(const void *opaque, size_t i, size_t count, float scale, v_f32 sum) {
  const struct job j = *(const struct job *)opaque;
  const v_f32 y = v_load(j.outputs + i, count), t = v_load(j.targets + i, count);
  v_f32 difference = v_sub(y, t);
  v_f32 clamped = v_max(v_set(-j.delta), v_min(v_set(j.delta), difference)); /* a NaN passes */
  v_store(j.output_grads + i, v_mul(v_set(j.one_by_n), clamped), count);
  if (scale != 1.0f) difference = lane_scaled_difference(y, t, scale), clamped = v_mul(clamped, v_set(scale));
  return v_fma(clamped, v_fnma(v_set(0.5f), clamped, difference), sum);
}

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)scratch;
  const gm_huber_f32_args a = gm_huber_f32_read(frame);
  const struct job job = {a.outputs, a.targets, a.output_grads, coef[0], coef[1]};
  double sum = 0;
  for (size_t block = begin; block < end; block += GM_BLOCK) {
    const size_t stop = end - block < GM_BLOCK ? end : block + GM_BLOCK;
    sum += lane_sum_of_squares(step, &job, block, stop);
  }
  return sum;
}

GM_BODY(huber, f32) = {.prepare = prepare, .run = run};
