#include "oracle/sum_of_products.h"

static double relu(double x) { return isnan(x) || x > 0 ? x : 0; }

GM_ORACLE(linear_forward, f32) {
  const gm_linear_forward_f32_args a = gm_linear_forward_f32_read(before);
  const gm_linear_forward_f32_doubles value = gm_linear_forward_f32_of(out->value),
                                      scale = gm_linear_forward_f32_of(out->scale);
  for (size_t b = 0; b < a.batch; b++)
    for (size_t o = 0; o < a.out; o++) {
      struct sum s = sum_of_products(0, a.in, a.inputs + b * a.in, 1, a.weights + o * a.in, 1);
      add_term(&s, a.bias[o]);
      value.outputs[b * a.out + o] = a.activation == GM_RELU ? relu(s.value) : s.value;
      scale.outputs[b * a.out + o] = s.scale;
    }
}
