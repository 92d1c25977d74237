#define GM_ROW "row/adagrad.def"
#include "oracle/sqrt_quotient.h"

GM_ORACLE(adagrad, f32) {
  const gm_adagrad_f32_args a = gm_adagrad_f32_read(before);
  const gm_adagrad_f32_doubles value = gm_adagrad_f32_of(out->value), scale = gm_adagrad_f32_of(out->scale);
  const double lr = a.lr / (1 + (a.step - 1) * a.lr_decay);
  enum { UNITS = 8 }; /* of state_sum: the square, the sum, and twice the three roundings of g */
  for (size_t i = 0; i < a.n; i++) {
    const double p = a.params[i], decay = gm_decay(a.weight_decay, p);
    const struct gm_scaled g = {a.grads[i] + decay, gm_largest(a.grads[i], decay, 0)};
    const struct gm_scaled sum = {gm_stored(a.state_sum[i] + g.value * g.value),
                                  gm_largest(a.state_sum[i], g.scale * g.scale, 0)};
    const struct gm_scaled q = gm_quotient_by_sqrt(g, sum, UNITS, a.eps);
    value.state_sum[i] = sum.value, scale.state_sum[i] = sum.scale;
    value.params[i] = p - lr * q.value;
    scale.params[i] = q.scale < 0 ? GM_OVERFLOWS : gm_largest(p, lr * q.scale, 0);
  }
}
