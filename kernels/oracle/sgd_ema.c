#define GM_ROW "row/sgd_ema.def"
#include "oracle/oracle_op.h"

GM_ORACLE(sgd_ema, f32) {
  const gm_sgd_ema_f32_args a = gm_sgd_ema_f32_read(before);
  const gm_sgd_ema_f32_doubles value = gm_sgd_ema_f32_of(out->value), scale = gm_sgd_ema_f32_of(out->scale);
  for (size_t i = 0; i < a.n; i++) {
    const double p = a.params[i], decayed = a.beta * a.velocity[i], added = (1 - a.beta) * a.grads[i];
    value.velocity[i] = decayed + added;
    scale.velocity[i] = gm_largest(decayed, added, 0);
    value.params[i] = p - a.lr * value.velocity[i];
    scale.params[i] = gm_largest(p, a.lr * scale.velocity[i], 0);
  }
}
