#define GM_ROW "row/softmax.def"
#include "oracle/oracle_op.h"

/* For the scales see softmax_xent.c. */
GM_ORACLE(softmax, f32) {
  const gm_softmax_f32_args a = gm_softmax_f32_read(before);
  const gm_softmax_f32_doubles value = gm_softmax_f32_of(out->value), scale = gm_softmax_f32_of(out->scale);
  for (size_t row = 0; row < a.rows; row++) {
    const float *x = a.logits + row * a.cols;
    double max = -INFINITY, sum = 0, moved = 0;
    for (size_t k = 0; k < a.cols; k++) max = isnan(x[k]) || x[k] > max ? x[k] : max;
    for (size_t k = 0; k < a.cols; k++) {
      const double t = (x[k] - max) / a.temperature, e = exp(t);
      sum += e;
      if (e > 0) moved -= e * t;
    }
    for (size_t k = 0; k < a.cols; k++) {
      const double t = (x[k] - max) / a.temperature, p = exp(t) / sum;
      value.probabilities[row * a.cols + k] = p;
      scale.probabilities[row * a.cols + k] = p > 0 ? p * (1 - t + moved / sum) : p;
    }
  }
}
