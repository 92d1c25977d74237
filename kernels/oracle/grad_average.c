#define GM_ROW "row/grad_average.def"
#include "oracle/oracle_op.h"

GM_ORACLE(grad_average, f32) {
  const gm_grad_average_f32_args a = gm_grad_average_f32_read(before);
  const gm_grad_average_f32_doubles value = gm_grad_average_f32_of(out->value),
                                    scale = gm_grad_average_f32_of(out->scale);
  for (size_t i = 0; i < a.n; i++) {
    value.grads[i] = a.grads[i] / a.count;
    scale.grads[i] = fabs(value.grads[i]);
  }
}
