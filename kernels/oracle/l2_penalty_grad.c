#define GM_ROW "row/l2_penalty_grad.def"
#include "oracle/oracle_op.h"

GM_ORACLE(l2_penalty_grad, f32) {
  const gm_l2_penalty_grad_f32_args a = gm_l2_penalty_grad_f32_read(before);
  const gm_l2_penalty_grad_f32_doubles value = gm_l2_penalty_grad_f32_of(out->value),
                                       scale = gm_l2_penalty_grad_f32_of(out->scale);
  for (size_t i = 0; i < a.n; i++) {
    const double penalty = gm_decay(a.l2, a.params[i]);
    value.grads[i] = a.grads[i] + penalty;
    scale.grads[i] = gm_largest(a.grads[i], penalty, 0);
  }
}
