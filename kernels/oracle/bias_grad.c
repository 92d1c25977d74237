#define GM_ROW "row/bias_grad.def"
#include "oracle/sum_of_products.h"

GM_ORACLE(bias_grad, f32) {
  const gm_bias_grad_f32_args a = gm_bias_grad_f32_read(before);
  const gm_bias_grad_f32_doubles value = gm_bias_grad_f32_of(out->value), scale = gm_bias_grad_f32_of(out->scale);
  for (size_t o = 0; o < a.out; o++) {
    const double start = a.accumulate != 0 ? (double)a.bias_grads[o] : 0;
    const struct sum s = sum_of_products(start, a.batch, a.output_grads + o, a.out, NULL, 0);
    value.bias_grads[o] = s.value, scale.bias_grads[o] = s.scale;
  }
}
