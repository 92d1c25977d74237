#define GM_ROW "row/sigmoid_backward.def"
#include "oracle/activation_oracle.h"

GM_ORACLE(sigmoid_backward, f32) {
  const gm_sigmoid_backward_f32_args a = gm_sigmoid_backward_f32_read(before);
  const gm_sigmoid_backward_f32_doubles value = gm_sigmoid_backward_f32_of(out->value),
                                        scale = gm_sigmoid_backward_f32_of(out->scale);
  for (size_t i = 0; i < a.n; i++) {
    const double y = a.outputs[i], derivative = y * (1 - y);
    gradient_oracle(a.output_grads[i], derivative, derivative, &value.input_grads[i], &scale.input_grads[i]);
  }
}
