#define GM_ROW "row/softmax_xent_smooth.def"
#include "oracle/oracle_op.h"

/* For the scales see softmax_xent.c. */
GM_ORACLE(softmax_xent_smooth, f32) {
  const gm_softmax_xent_smooth_f32_args a = gm_softmax_xent_smooth_f32_read(before);
  const gm_softmax_xent_smooth_f32_doubles value = gm_softmax_xent_smooth_f32_of(out->value),
                                           scale = gm_softmax_xent_smooth_f32_of(out->scale);
  double loss = 0, loss_scale = 0;
  for (size_t row = 0; row < a.rows; row++) {
    const float *x = a.logits + row * a.cols;
    const size_t label = (size_t)a.labels[row];
    double max = -INFINITY, sum = 0, moved = 0, below = 0;
    for (size_t k = 0; k < a.cols; k++) max = isnan(x[k]) || x[k] > max ? x[k] : max;
    for (size_t k = 0; k < a.cols; k++) {
      const double e = exp(x[k] - max);
      sum += e;
      below += max - x[k];
      if (e > 0) moved += e * (max - x[k]);
    }
    double row_loss = 0, row_scale = gm_largest(1 + moved / sum, log(sum), 0);
    for (size_t k = 0; k < a.cols; k++) {
      const double share = a.label_smoothing / (double)a.cols, onehot = k == label ? 1 - a.label_smoothing : 0;
      const double log_p = x[k] - max - log(sum), p = exp(x[k] - max) / sum;
      if (share > 0) row_loss -= share * log_p;
      if (k == label) row_loss -= onehot * log_p;
      const double terms = p > 0 ? p * (1 + (max - x[k]) + moved / sum) : p;
      value.logit_grads[row * a.cols + k] = (p - (onehot + share)) / (double)a.rows;
      scale.logit_grads[row * a.cols + k] = gm_largest(terms, onehot + share, 0) / (double)a.rows;
    }
    if (a.label_smoothing > 0) row_scale = gm_largest(row_scale, a.label_smoothing / (double)a.cols * below, 0);
    loss += row_loss;
    loss_scale += gm_largest(row_scale, (1 - a.label_smoothing) * (max - x[label]), 0);
  }
  *value.loss = loss / (double)a.rows;
  *scale.loss = loss_scale / (double)a.rows;
}
