#define GM_ROW "row/softmax_xent.def"
#include "oracle/oracle_op.h"

/* e^t moves by t e^t per relative unit of t, and t = logit - maximum is rounded: hence the factor 1 + |t| in the
 * scales, and its mean over the row for the sum. */
GM_ORACLE(softmax_xent, f32) {
  const gm_softmax_xent_f32_args a = gm_softmax_xent_f32_read(before);
  const gm_softmax_xent_f32_doubles value = gm_softmax_xent_f32_of(out->value),
                                    scale = gm_softmax_xent_f32_of(out->scale);
  double loss = 0, loss_scale = 0;
  for (size_t row = 0; row < a.rows; row++) {
    const float *x = a.logits + row * a.cols;
    double max = -INFINITY, sum = 0, moved = 0;
    for (size_t k = 0; k < a.cols; k++) max = isnan(x[k]) || x[k] > max ? x[k] : max;
    for (size_t k = 0; k < a.cols; k++) {
      const double e = exp(x[k] - max);
      sum += e;
      if (e > 0) moved += e * (max - x[k]);
    }
    const size_t label = (size_t)a.labels[row];
    for (size_t k = 0; k < a.cols; k++) {
      const double p = exp(x[k] - max) / sum, wanted = k == label;
      const double terms = p > 0 ? p * (1 + (max - x[k]) + moved / sum) : p;
      value.logit_grads[row * a.cols + k] = (p - wanted) / (double)a.rows;
      scale.logit_grads[row * a.cols + k] = gm_largest(terms, p - wanted, 0) / (double)a.rows;
    }
    loss += log(sum) + max - x[label];
    loss_scale += gm_largest(1 + moved / sum, log(sum), 0);
  }
  *value.loss = loss / (double)a.rows;
  *scale.loss = loss_scale / (double)a.rows;
}
