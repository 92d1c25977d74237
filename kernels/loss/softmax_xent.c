/* Three sweeps over a row that stays in the nearest cache, one over DRAM: the maximum; exp(logit - maximum), kept in the
 * gradient's row, and its sum; the scaling. */
#include <math.h>

#include "body.h"
#include "lane/math.h"
#include "lane/reduce.h"

struct job {
  const float *logits;
  float *grads;
  float max, scale;
};

/* The largest logit that is not NaN. */
GM_INLINE float row_max(const float *logits, size_t cols) {
  v_f32 max = v_set(-__builtin_inff());
  size_t i = 0;
  for (; cols - i >= V_WIDTH; i += V_WIDTH) max = v_max(v_load(logits + i, V_WIDTH), max);
  float lanes[V_WIDTH];
  v_store(lanes, max, V_WIDTH);
  float result = lanes[0];
  for (size_t lane = 1; lane < V_WIDTH; lane++) result = lanes[lane] > result ? lanes[lane] : result;
  for (; i < cols; i++) result = logits[i] > result ? logits[i] : result;
  return result;
}

GM_INLINE v_f32 add_exp(const void *opaque, size_t i, size_t count, float scale, v_f32 sum) {
  (void)scale;
  const struct job j = *(const struct job *)opaque;
  const v_f32 e = v_exp(v_sub(v_load(j.logits + i, count), v_set(j.max)));
  v_store(j.grads + i, e, count);
  return v_add(sum, e);
}

GM_INLINE void scale_grads(const void *opaque, size_t i, size_t count) {
  const struct job j = *(const struct job *)opaque;
  v_store(j.grads + i, v_mul(v_load(j.grads + i, count), v_set(j.scale)), count);
}

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)coef, (void)scratch;
  const gm_softmax_xent_f32_args a = gm_softmax_xent_f32_read(frame);
  double loss = 0;
  for (size_t row = begin; row < end; row++) {
    const float *logits = a.logits + row * a.cols;
    float *grads = a.logit_grads + row * a.cols;
    const size_t label = (size_t)a.labels[row];
    struct job job = {.logits = logits, .grads = grads, .max = row_max(logits, a.cols)};
    const double sum = lane_sum(add_exp, &job, 1.0f, 0, a.cols);
    const double label_grad = (grads[label] / sum - 1) / (double)a.rows;
    job.scale = (float)(1 / (sum * (double)a.rows));
    lane_loop(scale_grads, &job, 0, a.cols);
    grads[label] = (float)label_grad;
    loss += log(sum) + ((double)job.max - logits[label]);
  }
  return loss;
}

GM_BODY(softmax_xent, f32) = {.run = run};
