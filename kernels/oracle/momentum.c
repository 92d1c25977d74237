#define GM_ROW "row/momentum.def"
#include "oracle/oracle_op.h"

GM_ORACLE(momentum, f32) {
  const gm_momentum_f32_args a = gm_momentum_f32_read(before);
  const gm_momentum_f32_doubles value = gm_momentum_f32_of(out->value), scale = gm_momentum_f32_of(out->scale);
  for (size_t i = 0; i < a.n; i++) {
    const double p = a.params[i], decay = gm_decay(a.weight_decay, p);
    const double g = a.grads[i] + decay, g_scale = gm_largest(a.grads[i], decay, 0);
    double b = g, b_scale = g_scale;
    if (a.step > 1) {
      const double decayed = a.momentum * a.momentum_buffer[i];
      b = gm_stored(decayed + (1 - a.dampening) * g);
      b_scale = gm_largest(decayed, (1 - a.dampening) * g_scale, 0);
    }
    const bool nesterov = a.nesterov != 0;
    const double update = nesterov ? g + a.momentum * b : b;
    const double update_scale = nesterov ? gm_largest(g_scale, a.momentum * b_scale, 0) : b_scale;
    value.momentum_buffer[i] = b, scale.momentum_buffer[i] = b_scale;
    value.params[i] = p - a.lr * update;
    scale.params[i] = gm_overflows(update) ? GM_OVERFLOWS : gm_largest(p, a.lr * update_scale, 0);
  }
}
