#define GM_ROW "row/l1_loss.def"
#include "oracle/oracle_op.h"

GM_ORACLE(l1_loss, f32) {
  const gm_l1_loss_f32_args a = gm_l1_loss_f32_read(before);
  const gm_l1_loss_f32_doubles value = gm_l1_loss_f32_of(out->value), scale = gm_l1_loss_f32_of(out->scale);
  double sum = 0;
  for (size_t i = 0; i < a.n; i++) {
    const double difference = (double)a.outputs[i] - a.targets[i];
    const double sign = difference == 0 || isnan(difference) ? difference : copysign(1, difference);
    sum += fabs(difference);
    value.output_grads[i] = sign / (double)a.n;
    scale.output_grads[i] = fabs(value.output_grads[i]);
  }
  *value.loss = *scale.loss = sum / (double)a.n;
}
