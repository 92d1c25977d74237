#define GM_ROW "row/gelu_erf.def"
#include "oracle/oracle_op.h"

GM_ORACLE(gelu_erf, f32) {
  const gm_gelu_erf_f32_args a = gm_gelu_erf_f32_read(before);
  const gm_gelu_erf_f32_doubles value = gm_gelu_erf_f32_of(out->value), scale = gm_gelu_erf_f32_of(out->scale);
  for (size_t i = 0; i < a.n; i++) {
    const double x = a.inputs[i];
    value.outputs[i] = 0.5 * x * erfc(-x * M_SQRT1_2);
    scale.outputs[i] = fabs(value.outputs[i]);
  }
}
