#define GM_ROW "row/rmsprop_tutorial.def"
#include "oracle/oracle_op.h"

GM_ORACLE(rmsprop_tutorial, f32) {
  const gm_rmsprop_tutorial_f32_args a = gm_rmsprop_tutorial_f32_read(before);
  const gm_rmsprop_tutorial_f32_doubles value = gm_rmsprop_tutorial_f32_of(out->value),
                                        scale = gm_rmsprop_tutorial_f32_of(out->scale);
  for (size_t i = 0; i < a.n; i++) {
    const double p = a.params[i], g = a.grads[i];
    const double v = gm_stored(a.beta * a.mean_sq[i] + (1 - a.beta) * g * g);
    const double update = a.lr * g / sqrt(v + a.eps);
    value.mean_sq[i] = scale.mean_sq[i] = v;
    value.params[i] = p - update;
    const double quotient = fabs(g / sqrt(v + a.eps));
    scale.params[i] = gm_overflows(quotient) ? GM_OVERFLOWS : gm_largest(p, update, 0);
  }
}
