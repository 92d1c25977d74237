#define GM_ROW "row/softmax_xent.def"
#include <math.h>

#include "loss/softmax_row.h"

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)coef, (void)scratch;
  const gm_softmax_xent_f32_args a = gm_softmax_xent_f32_read(frame);
  float on_stack[LANE_SHORT];
  double loss = 0;
  for (size_t r = begin; r < end; r++) {
    double sum;
    struct softmax_row row = softmax_row(a.logits, a.logit_grads, r, a.rows, a.cols, on_stack, &sum);
    const size_t label = (size_t)a.labels[r];
    const double label_grad = (row.exps[label] / sum - 1) / (double)a.rows;
    row.scale = (float)(1 / (sum * (double)a.rows));
    lane_loop(softmax_scale, &row, 0, a.cols);
    row.output[label] = (float)label_grad;
    loss += log(sum) + ((double)row.max - row.logits[label]);
  }
  return loss;
}

GM_BODY(softmax_xent, f32) = {.run = run};
