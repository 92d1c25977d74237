#define GM_ROW "row/rmsprop_momentum.def"
#include "oracle/rmsprop_oracle.h"

GM_ORACLE(rmsprop_momentum, f32) {
  const gm_rmsprop_momentum_f32_args a = gm_rmsprop_momentum_f32_read(before);
  const gm_rmsprop_momentum_f32_doubles value = gm_rmsprop_momentum_f32_of(out->value),
                                        scale = gm_rmsprop_momentum_f32_of(out->scale);
  const struct rmsprop_oracle hyper = {a.lr, a.alpha, a.eps, a.weight_decay, a.momentum};
  for (size_t i = 0; i < a.n; i++) {
    struct rmsprop_oracle_state v = {.p = a.params[i], .square_avg = a.square_avg[i]}, s;
    v.buffer = a.momentum_buffer[i];
    rmsprop_oracle_step(&hyper, false, a.grads[i], &v, &s);
    value.params[i] = v.p, scale.params[i] = s.p;
    value.square_avg[i] = v.square_avg, scale.square_avg[i] = s.square_avg;
    value.momentum_buffer[i] = v.buffer, scale.momentum_buffer[i] = s.buffer;
  }
}
