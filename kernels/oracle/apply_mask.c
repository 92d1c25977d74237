#define GM_ROW "row/apply_mask.def"
#include "oracle/oracle_op.h"

GM_ORACLE(apply_mask, f32) {
  const gm_apply_mask_f32_args a = gm_apply_mask_f32_read(before);
  const gm_apply_mask_f32_doubles value = gm_apply_mask_f32_of(out->value), scale = gm_apply_mask_f32_of(out->scale);
  for (size_t i = 0; i < a.n; i++) {
    value.params[i] = a.mask[i] ? a.params[i] : 0;
    scale.params[i] = 0;
  }
}
