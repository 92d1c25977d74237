#define GM_ROW "row/sgd.def"
#include "oracle/oracle_op.h"

GM_ORACLE(sgd, f32) {
  const gm_sgd_f32_args a = gm_sgd_f32_read(before);
  const gm_sgd_f32_doubles value = gm_sgd_f32_of(out->value), scale = gm_sgd_f32_of(out->scale);
  for (size_t i = 0; i < a.n; i++) {
    const double p = a.params[i], g = a.grads[i], decay = gm_decay(a.weight_decay, p);
    value.params[i] = p - a.lr * (g + decay);
    scale.params[i] = gm_largest(p, a.lr * g, a.lr * decay);
  }
}
