#define GM_ROW "row/softmax_xent_soft.def"
#include <math.h>

#include "loss/softmax_row.h"

static void prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  coef[0] = (float)(1 / gm_softmax_xent_soft_f32_read(frame).temperature);
}

struct job {
  struct softmax_row row;
  const float *targets;
  float target_scale;
};

GM_INLINE v_f32 add_target(const void *opaque, size_t i, size_t count, float scale, v_f32 sum) {
  (void)scale;
  const struct job j = *(const struct job *)opaque;
  return v_add(sum, v_load(j.targets + i, count));
}

/* 0 times -infinity is NaN. */
GM_INLINE v_f32 add_target_below_max(const void *opaque, size_t i, size_t count, float scale, v_f32 sum) {
  const struct job j = *(const struct job *)opaque;
  if (V_WIDTH >= FLOATS_PER_LINE || i % FLOATS_PER_LINE == 0) v_prefetch(j.targets + i + j.row.ahead);
  return v_fma(v_load(j.targets + i, count), softmax_below_scaled(&j.row, i, count, scale), sum);
}

/* Out of line: within `run` it would take the registers of what every row needs. */
__attribute__((noinline)) static double scaled_below_max(const float *logits, const float *targets, float max,
                                                         size_t cols) {
  const struct job job = {.row = {.logits = logits, .max = max}, .targets = targets};
  return softmax_sum_scaled(add_target_below_max, &job, cols);
}

GM_INLINE void step(const void *opaque, size_t i, size_t count) {
  const struct job j = *(const struct job *)opaque;
  const v_f32 expected = v_mul(v_load(j.row.exps + i, count), v_set(j.row.scale));
  v_store(j.row.output + i, v_fnma(v_load(j.targets + i, count), v_set(j.target_scale), expected), count);
}

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)scratch;
  const gm_softmax_xent_soft_f32_args a = gm_softmax_xent_soft_f32_read(frame);
  const double grad_scale = a.temperature / (double)a.rows;
  float on_stack[LANE_SHORT];
  double loss = 0;
  for (size_t r = begin; r < end; r++) {
    double sum;
    struct job job = {
        .row = softmax_tempered_row(a.logits, a.logit_grads, r, a.rows, a.cols, coef[0], on_stack, &sum),
        .targets = a.targets + r * a.cols,
        .target_scale = (float)grad_scale,
    };
    const double targets = softmax_sum(add_target, &job, a.cols);
    double below_max = softmax_sum(add_target_below_max, &job, a.cols);
    if (softmax_overflows(below_max)) below_max = scaled_below_max(job.row.logits, job.targets, job.row.max, a.cols);
    loss += targets * log(sum) - below_max / a.temperature;
    job.row.scale = (float)(grad_scale * targets / sum);
    lane_loop(step, &job, 0, a.cols);
  }
  return a.temperature * a.temperature * loss;
}

GM_BODY(softmax_xent_soft, f32) = {.prepare = prepare, .run = run};
