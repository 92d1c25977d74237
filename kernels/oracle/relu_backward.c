#define GM_ROW "row/relu_backward.def"
#include "oracle/oracle_op.h"

GM_ORACLE(relu_backward, f32) {
  const gm_relu_backward_f32_args a = gm_relu_backward_f32_read(before);
  const gm_relu_backward_f32_doubles value = gm_relu_backward_f32_of(out->value),
                                     scale = gm_relu_backward_f32_of(out->scale);
  for (size_t i = 0; i < a.n; i++) {
    value.input_grads[i] = a.outputs[i] <= 0 ? 0 : a.output_grads[i]; /* at a NaN it passes */
    scale.input_grads[i] = fabs((double)a.output_grads[i]);
  }
}
