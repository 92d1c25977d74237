#define GM_ROW "row/clip_value.def"
#include "oracle/oracle_op.h"

GM_ORACLE(clip_value, f32) {
  const gm_clip_value_f32_args a = gm_clip_value_f32_read(before);
  const gm_clip_value_f32_doubles value = gm_clip_value_f32_of(out->value), scale = gm_clip_value_f32_of(out->scale);
  for (size_t i = 0; i < a.n; i++) {
    const double g = a.grads[i];
    value.grads[i] = g > a.max_value ? a.max_value : g < -a.max_value ? -a.max_value : g;
    scale.grads[i] = fabs(value.grads[i]);
  }
}
