#define GM_ROW "row/gelu_tanh.def"
#include "oracle/activation_oracle.h"

/* (1 + tanh u) / 2 = sigmoid(2 u), u = sqrt(2/pi) (x + 0.044715 x^3). */

GM_ORACLE(gelu_tanh, f32) {
  const gm_gelu_tanh_f32_args a = gm_gelu_tanh_f32_read(before);
  const gm_gelu_tanh_f32_doubles value = gm_gelu_tanh_f32_of(out->value), scale = gm_gelu_tanh_f32_of(out->scale);
  for (size_t i = 0; i < a.n; i++) {
    const double x = a.inputs[i], v = 2 * M_2_SQRTPI * M_SQRT1_2 * (x + 0.044715 * x * x * x);
    gated_oracle(x, v, true, &value.outputs[i], &scale.outputs[i]);
  }
}
