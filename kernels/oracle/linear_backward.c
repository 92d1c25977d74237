#define GM_ROW "row/linear_backward.def"
#include "oracle/sum_of_products.h"

GM_ORACLE(linear_backward, f32) {
  const gm_linear_backward_f32_args a = gm_linear_backward_f32_read(before);
  const gm_linear_backward_f32_doubles value = gm_linear_backward_f32_of(out->value),
                                       scale = gm_linear_backward_f32_of(out->scale);
  for (size_t b = 0; b < a.batch; b++)
    for (size_t i = 0; i < a.in; i++) {
      const struct sum s = sum_of_products(0, a.out, a.output_grads + b * a.out, 1, a.weights + i, a.in);
      value.input_grads[b * a.in + i] = s.value, scale.input_grads[b * a.in + i] = s.scale;
    }
  const bool adds = a.accumulate != 0;
  for (size_t o = 0; o < a.out; o++) {
    for (size_t i = 0; i < a.in; i++) {
      const double start = adds ? (double)a.weight_grads[o * a.in + i] : 0;
      const struct sum s = sum_of_products(start, a.batch, a.output_grads + o, a.out, a.inputs + i, a.in);
      value.weight_grads[o * a.in + i] = s.value, scale.weight_grads[o * a.in + i] = s.scale;
    }
    const double start = adds ? (double)a.bias_grads[o] : 0;
    const struct sum s = sum_of_products(start, a.batch, a.output_grads + o, a.out, NULL, 0);
    value.bias_grads[o] = s.value, scale.bias_grads[o] = s.scale;
  }
}
