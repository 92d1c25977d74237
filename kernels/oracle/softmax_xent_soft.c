#define GM_ROW "row/softmax_xent_soft.def"
#include "oracle/oracle_op.h"

/* For the scales see softmax_xent.c. An exp among the subnormals is as exact as FLT_MIN is, and here it is multiplied
 * by what may be far above 1. */
GM_ORACLE(softmax_xent_soft, f32) {
  const gm_softmax_xent_soft_f32_args a = gm_softmax_xent_soft_f32_read(before);
  const gm_softmax_xent_soft_f32_doubles value = gm_softmax_xent_soft_f32_of(out->value),
                                         scale = gm_softmax_xent_soft_f32_of(out->scale);
  const double temperature = a.temperature, by_rows = temperature / (double)a.rows;
  double loss = 0, loss_scale = 0;
  for (size_t row = 0; row < a.rows; row++) {
    const float *x = a.logits + row * a.cols, *target = a.targets + row * a.cols;
    double max = -INFINITY, sum = 0, moved = 0, targets = 0, below = 0, row_loss = 0;
    for (size_t k = 0; k < a.cols; k++) max = isnan(x[k]) || x[k] > max ? x[k] : max;
    for (size_t k = 0; k < a.cols; k++) {
      const double t = (x[k] - max) / temperature, e = exp(t);
      sum += e;
      targets += target[k];
      below += target[k] * (max - x[k]);
      if (e > 0) moved -= e * t;
    }
    for (size_t k = 0; k < a.cols; k++) {
      const double t = (x[k] - max) / temperature, e = exp(t), p = e / sum;
      const double terms = fmax(e > 0 ? e * (1 - t + moved / sum) : e, (double)FLT_MIN) / sum * targets;
      row_loss -= target[k] * (t - log(sum));
      value.logit_grads[row * a.cols + k] = by_rows * (p * targets - target[k]);
      scale.logit_grads[row * a.cols + k] = by_rows * gm_largest(terms, target[k], 0);
    }
    loss += row_loss;
    loss_scale += gm_largest(targets * (1 + moved / sum), targets * log(sum), below / temperature);
  }
  *value.loss = temperature * temperature * loss / (double)a.rows;
  *scale.loss = temperature * temperature * loss_scale / (double)a.rows;
}
