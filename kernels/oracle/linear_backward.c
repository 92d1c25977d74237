#include "oracle/oracle_op.h"

/* The scale of a sum of products is the sum of their magnitudes. */
GM_ORACLE(linear_backward, f32) {
  const gm_linear_backward_f32_args a = gm_linear_backward_f32_read(before);
  const gm_linear_backward_f32_doubles value = gm_linear_backward_f32_of(out->value),
                                       scale = gm_linear_backward_f32_of(out->scale);
  for (size_t b = 0; b < a.batch; b++)
    for (size_t i = 0; i < a.in; i++) {
      double sum = 0, magnitude = 0;
      for (size_t o = 0; o < a.out; o++) {
        const double term = (double)a.output_grads[b * a.out + o] * a.weights[o * a.in + i];
        sum += term, magnitude += fabs(term);
      }
      value.input_grads[b * a.in + i] = sum, scale.input_grads[b * a.in + i] = magnitude;
    }
  for (size_t o = 0; o < a.out; o++) {
    for (size_t i = 0; i < a.in; i++) {
      double sum = a.weight_grads[o * a.in + i], magnitude = fabs(sum);
      for (size_t b = 0; b < a.batch; b++) {
        const double term = (double)a.output_grads[b * a.out + o] * a.inputs[b * a.in + i];
        sum += term, magnitude += fabs(term);
      }
      value.weight_grads[o * a.in + i] = sum, scale.weight_grads[o * a.in + i] = magnitude;
    }
    double sum = a.bias_grads[o], magnitude = fabs(sum);
    for (size_t b = 0; b < a.batch; b++) {
      const double term = a.output_grads[b * a.out + o];
      sum += term, magnitude += fabs(term);
    }
    value.bias_grads[o] = sum, scale.bias_grads[o] = magnitude;
  }
}
