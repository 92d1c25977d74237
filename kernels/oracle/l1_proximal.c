#define GM_ROW "row/l1_proximal.def"
#include "oracle/oracle_op.h"

GM_ORACLE(l1_proximal, f32) {
  const gm_l1_proximal_f32_args a = gm_l1_proximal_f32_read(before);
  const gm_l1_proximal_f32_doubles value = gm_l1_proximal_f32_of(out->value), scale = gm_l1_proximal_f32_of(out->scale);
  for (size_t i = 0; i < a.n; i++) {
    const double p = a.params[i], left = fabs(p) - a.threshold;
    value.params[i] = left < 0 ? copysign(0, p) : copysign(left, p);
    scale.params[i] = gm_largest(p, a.threshold, 0);
  }
}
