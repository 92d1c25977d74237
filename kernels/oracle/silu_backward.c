#define GM_ROW "row/silu_backward.def"
#include "oracle/activation_oracle.h"

GM_ORACLE(silu_backward, f32) {
  const gm_silu_backward_f32_args a = gm_silu_backward_f32_read(before);
  const gm_silu_backward_f32_doubles value = gm_silu_backward_f32_of(out->value),
                                     scale = gm_silu_backward_f32_of(out->scale);
  for (size_t i = 0; i < a.n; i++) {
    const double x = a.inputs[i];
    gated_backward_oracle(a.output_grads[i], x, x, 1, false, &value.input_grads[i], &scale.input_grads[i]);
  }
}
