#define GM_ROW "row/grad_accumulate.def"
#include "oracle/oracle_op.h"

GM_ORACLE(grad_accumulate, f32) {
  const gm_grad_accumulate_f32_args a = gm_grad_accumulate_f32_read(before);
  const gm_grad_accumulate_f32_doubles value = gm_grad_accumulate_f32_of(out->value),
                                       scale = gm_grad_accumulate_f32_of(out->scale);
  for (size_t i = 0; i < a.n; i++) {
    value.accumulated[i] = a.accumulated[i] + a.weight * a.grads[i];
    scale.accumulated[i] = gm_largest(a.accumulated[i], a.weight * a.grads[i], 0);
  }
}
