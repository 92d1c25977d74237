#define GM_ROW "row/dequantize.def"
#include "oracle/oracle_op.h"

GM_ORACLE(dequantize, f32) {
  const gm_dequantize_f32_args a = gm_dequantize_f32_read(before);
  const gm_dequantize_f32_doubles value = gm_dequantize_f32_of(out->value), scale = gm_dequantize_f32_of(out->scale);
  for (size_t i = 0; i < a.n; i++) {
    value.values[i] = a.scale * a.codes[i];
    scale.values[i] = fabs(value.values[i]);
  }
}
