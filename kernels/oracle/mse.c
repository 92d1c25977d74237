#define GM_ROW "row/mse.def"
#include "oracle/oracle_op.h"

GM_ORACLE(mse, f32) {
  const gm_mse_f32_args a = gm_mse_f32_read(before);
  const gm_mse_f32_doubles value = gm_mse_f32_of(out->value), scale = gm_mse_f32_of(out->scale);
  double sum = 0;
  for (size_t i = 0; i < a.n; i++) {
    const double difference = (double)a.outputs[i] - a.targets[i];
    sum += difference * difference;
    value.output_grads[i] = 2 * difference / (double)a.n;
    scale.output_grads[i] = fabs(value.output_grads[i]);
  }
  *value.loss = *scale.loss = sum / (double)a.n;
}
