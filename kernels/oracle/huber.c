#define GM_ROW "row/huber.def"
#include "oracle/oracle_op.h"

GM_ORACLE(huber, f32) {
  const gm_huber_f32_args a = gm_huber_f32_read(before);
  const gm_huber_f32_doubles value = gm_huber_f32_of(out->value), scale = gm_huber_f32_of(out->scale);
  double sum = 0;
  for (size_t i = 0; i < a.n; i++) {
    const double d = (double)a.outputs[i] - a.targets[i], size = fabs(d);
    sum += size < a.delta ? d * d / 2 : a.delta * (size - a.delta / 2);
    value.output_grads[i] = (size < a.delta || isnan(d) ? d : copysign(a.delta, d)) / (double)a.n;
    scale.output_grads[i] = fabs(value.output_grads[i]);
  }
  *value.loss = *scale.loss = sum / (double)a.n;
}
