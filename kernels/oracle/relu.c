#define GM_ROW "row/relu.def"
#include "oracle/oracle_op.h"

GM_ORACLE(relu, f32) {
  const gm_relu_f32_args a = gm_relu_f32_read(before);
  const gm_relu_f32_doubles value = gm_relu_f32_of(out->value), scale = gm_relu_f32_of(out->scale);
  for (size_t i = 0; i < a.n; i++) {
    const double x = a.inputs[i];
    value.outputs[i] = x <= 0 ? 0 : x; /* a NaN stays one */
    scale.outputs[i] = fabs(x);
  }
}
