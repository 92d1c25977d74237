#define GM_ROW "row/clip_norm.def"
#include "oracle/oracle_op.h"

/* The factor is one f32: below FLT_MIN it has fewer digits, which the scale allows for. */
GM_ORACLE(clip_norm, f32) {
  const gm_clip_norm_f32_args a = gm_clip_norm_f32_read(before);
  const gm_clip_norm_f32_doubles value = gm_clip_norm_f32_of(out->value), scale = gm_clip_norm_f32_of(out->scale);
  double sum = 0;
  for (size_t i = 0; i < a.n; i++) sum += (double)a.grads[i] * a.grads[i];
  const double norm = sqrt(sum), factor = a.max_norm / (norm + 1e-6) > 1 ? 1 : a.max_norm / (norm + 1e-6);
  for (size_t i = 0; i < a.n; i++) {
    value.grads[i] = a.grads[i] * factor;
    scale.grads[i] = fabs(a.grads[i] * fmax(factor, FLT_MIN));
  }
  *value.norm = *scale.norm = norm;
}
