#define GM_ROW "row/softmax_xent_smooth.def"
#include <math.h>

#include "loss/softmax_row.h"

struct job {
  struct softmax_row row;
  float share; /* what every class has of the target, divided by the number of rows */
};

GM_INLINE v_f32 add_below_max(const void *opaque, size_t i, size_t count, float scale, v_f32 sum) {
  const struct softmax_row row = *(const struct softmax_row *)opaque;
  return v_add(sum, softmax_below_scaled(&row, i, count, scale));
}

GM_INLINE void step(const void *opaque, size_t i, size_t count) {
  const struct job j = *(const struct job *)opaque;
  v_store(j.row.output + i, v_fma(v_load(j.row.exps + i, count), v_set(j.row.scale), v_set(-j.share)), count);
}

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)coef, (void)scratch;
  const gm_softmax_xent_smooth_f32_args a = gm_softmax_xent_smooth_f32_read(frame);
  const double rows = (double)a.rows, share = a.label_smoothing / (double)a.cols, onehot = 1 - a.label_smoothing;
  float on_stack[LANE_SHORT];
  double loss = 0;
  for (size_t r = begin; r < end; r++) {
    double sum;
    struct job job = {
        .row = softmax_row(a.logits, a.logit_grads, r, a.rows, a.cols, on_stack, &sum),
        .share = (float)(share / rows),
    };
    const size_t label = (size_t)a.labels[r];
    /* Without smoothing the other log-probabilities, -infinity among them, are not asked. */
    if (share > 0) loss -= share * softmax_sum_below(add_below_max, &job.row, a.cols);
    loss += log(sum) + onehot * ((double)job.row.max - job.row.logits[label]);
    const double label_grad = (job.row.exps[label] / sum - (onehot + share)) / rows;
    job.row.scale = (float)(1 / (sum * rows));
    lane_loop(step, &job, 0, a.cols);
    job.row.output[label] = (float)label_grad;
  }
  return loss;
}

GM_BODY(softmax_xent_smooth, f32) = {.run = run};
