#define GM_ROW "row/tanh_backward.def"
#include "oracle/activation_oracle.h"

GM_ORACLE(tanh_backward, f32) {
  const gm_tanh_backward_f32_args a = gm_tanh_backward_f32_read(before);
  const gm_tanh_backward_f32_doubles value = gm_tanh_backward_f32_of(out->value),
                                     scale = gm_tanh_backward_f32_of(out->scale);
  for (size_t i = 0; i < a.n; i++) {
    const double y = a.outputs[i], square = y * y;
    gradient_oracle(a.output_grads[i], 1 - square, fmax(1, square), &value.input_grads[i], &scale.input_grads[i]);
    if (gm_overflows(square)) scale.input_grads[i] = GM_OVERFLOWS;
  }
}
