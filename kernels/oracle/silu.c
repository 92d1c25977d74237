#define GM_ROW "row/silu.def"
#include "oracle/activation_oracle.h"

GM_ORACLE(silu, f32) {
  const gm_silu_f32_args a = gm_silu_f32_read(before);
  const gm_silu_f32_doubles value = gm_silu_f32_of(out->value), scale = gm_silu_f32_of(out->scale);
  for (size_t i = 0; i < a.n; i++) {
    gated_oracle(a.inputs[i], a.inputs[i], false, &value.outputs[i], &scale.outputs[i]);
  }
}
