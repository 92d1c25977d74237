/* Three sweeps over a row that stays in the nearest cache, one over DRAM: the maximum; exp(logit - maximum), kept in
 * the gradient's row, and its sum; the scaling. */
#include <math.h>

#include "body.h"
#include "lane/math.h"
#include "lane/reduce.h"

enum { FLOATS_PER_LINE = 16 };

struct job {
  const float *logits;
  float *grads;
  size_t ahead; /* to the next row; 0 in the last */
  float max, scale;
};

/* The largest logit that is not NaN. Four chains hide the latency of the maximum. */
GM_INLINE float row_max(const float *logits, size_t cols) {
  v_f32 m0 = v_set(-__builtin_inff()), m1 = m0, m2 = m0, m3 = m0;
  size_t i = 0;
  for (; cols - i >= 4 * V_WIDTH; i += 4 * V_WIDTH) {
    m0 = v_max(v_load(logits + i, V_WIDTH), m0);
    m1 = v_max(v_load(logits + i + V_WIDTH, V_WIDTH), m1);
    m2 = v_max(v_load(logits + i + 2 * V_WIDTH, V_WIDTH), m2);
    m3 = v_max(v_load(logits + i + 3 * V_WIDTH, V_WIDTH), m3);
  }
  float lanes[V_WIDTH];
  v_store(lanes, v_max(v_max(m0, m1), v_max(m2, m3)), V_WIDTH);
  for (size_t half = V_WIDTH / 2; half > 0; half /= 2)
    for (size_t lane = 0; lane < half; lane++)
      lanes[lane] = lanes[lane + half] > lanes[lane] ? lanes[lane + half] : lanes[lane];
  float max = lanes[0];
  for (; i < cols; i++) max = logits[i] > max ? logits[i] : max;
  return max;
}

/* The next row is fetched meanwhile: no load of this sweep goes to memory, and hardware prefetchers stop at the end of
 * a page, which a row often is. */
GM_INLINE v_f32 add_exp(const void *opaque, size_t i, size_t count, float scale, v_f32 sum) {
  (void)scale;
  const struct job j = *(const struct job *)opaque;
  if (V_WIDTH >= FLOATS_PER_LINE || i % FLOATS_PER_LINE == 0) {
    __builtin_prefetch(j.logits + i + j.ahead);
    __builtin_prefetch(j.grads + i + j.ahead);
  }
  const v_f32 e = v_exp_nonpositive(v_sub(v_load(j.logits + i, count), v_set(j.max)));
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
    struct job job = {
        .logits = logits, .grads = grads, .ahead = row + 1 < end ? a.cols : 0, .max = row_max(logits, a.cols)};
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
