#define GM_ROW "row/linear_backward_params.def"
#include "oracle/sum_of_products.h"

GM_ORACLE(linear_backward_params, f32) {
  const gm_linear_backward_params_f32_args a = gm_linear_backward_params_f32_read(before);
  const gm_linear_backward_params_f32_doubles value = gm_linear_backward_params_f32_of(out->value),
                                              scale = gm_linear_backward_params_f32_of(out->scale);
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
