#define GM_ROW "row/prune.def"
#include "oracle/oracle_op.h"

GM_ORACLE(prune, f32) {
  const gm_prune_f32_args a = gm_prune_f32_read(before);
  const gm_prune_f32_doubles value = gm_prune_f32_of(out->value), scale = gm_prune_f32_of(out->scale);
  for (size_t i = 0; i < a.n; i++) {
    const bool kept = fabs((double)a.params[i]) > a.threshold;
    value.mask[i] = kept;
    value.params[i] = kept ? a.params[i] : 0;
    scale.mask[i] = scale.params[i] = 0;
  }
}
