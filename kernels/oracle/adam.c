#define GM_ROW "row/adam.def"
#include "oracle/adam_oracle.h"

GM_ORACLE(adam, f32) {
  const gm_adam_f32_args a = gm_adam_f32_read(before);
  const gm_adam_f32_doubles value = gm_adam_f32_of(out->value), scale = gm_adam_f32_of(out->scale);
  const struct adam_oracle hyper = adam_oracle(a.lr, a.beta1, a.beta2, a.eps, a.step);
  for (size_t i = 0; i < a.n; i++) {
    const double p = a.params[i], decay = gm_decay(a.weight_decay, p);
    struct adam_oracle_state v = {p, a.exp_avg[i], a.exp_avg_sq[i]}, s;
    adam_oracle_step(&hyper, a.grads[i] + decay, gm_largest(a.grads[i], decay, 0), fabs(p), &v, &s);
    value.params[i] = v.p, value.exp_avg[i] = v.m, value.exp_avg_sq[i] = v.v;
    scale.params[i] = s.p, scale.exp_avg[i] = s.m, scale.exp_avg_sq[i] = s.v;
  }
}
