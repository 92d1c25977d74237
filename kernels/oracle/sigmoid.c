#define GM_ROW "row/sigmoid.def"
#include "oracle/activation_oracle.h"

GM_ORACLE(sigmoid, f32) {
  const gm_sigmoid_f32_args a = gm_sigmoid_f32_read(before);
  const gm_sigmoid_f32_doubles value = gm_sigmoid_f32_of(out->value), scale = gm_sigmoid_f32_of(out->scale);
  for (size_t i = 0; i < a.n; i++) {
    value.outputs[i] = scale.outputs[i] = sigmoid_oracle(a.inputs[i]);
  }
}
