#define GM_ROW "row/rmsprop.def"
#include "oracle/rmsprop_oracle.h"

GM_ORACLE(rmsprop, f32) {
  const gm_rmsprop_f32_args a = gm_rmsprop_f32_read(before);
  const gm_rmsprop_f32_doubles value = gm_rmsprop_f32_of(out->value), scale = gm_rmsprop_f32_of(out->scale);
  const struct rmsprop_oracle hyper = {a.lr, a.alpha, a.eps, a.weight_decay, 0};
  for (size_t i = 0; i < a.n; i++) {
    struct rmsprop_oracle_state v = {.p = a.params[i], .square_avg = a.square_avg[i]}, s;
    rmsprop_oracle_step(&hyper, false, a.grads[i], &v, &s);
    value.params[i] = v.p, scale.params[i] = s.p;
    value.square_avg[i] = v.square_avg, scale.square_avg[i] = s.square_avg;
  }
}
