#define GM_ROW "row/tanh.def"
#include "oracle/oracle_op.h"

GM_ORACLE(tanh, f32) {
  const gm_tanh_f32_args a = gm_tanh_f32_read(before);
  const gm_tanh_f32_doubles value = gm_tanh_f32_of(out->value), scale = gm_tanh_f32_of(out->scale);
  for (size_t i = 0; i < a.n; i++) {
    value.outputs[i] = tanh(a.inputs[i]);
    scale.outputs[i] = fabs(value.outputs[i]);
  }
}
