#define GM_ROW "row/l1_penalty_grad.def"
#include "oracle/oracle_op.h"

GM_ORACLE(l1_penalty_grad, f32) {
  const gm_l1_penalty_grad_f32_args a = gm_l1_penalty_grad_f32_read(before);
  const gm_l1_penalty_grad_f32_doubles value = gm_l1_penalty_grad_f32_of(out->value),
                                       scale = gm_l1_penalty_grad_f32_of(out->scale);
  for (size_t i = 0; i < a.n; i++) {
    const double p = a.params[i], sign = isnan(p) ? p : (p > 0) - (p < 0);
    value.grads[i] = a.grads[i] + gm_decay(a.l1, sign);
    scale.grads[i] = gm_largest(a.grads[i], gm_decay(a.l1, sign), 0);
  }
}
