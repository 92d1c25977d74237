#define GM_ROW "row/dequantize_rows.def"
#include "oracle/oracle_op.h"

GM_ORACLE(dequantize_rows, f32) {
  const gm_dequantize_rows_f32_args a = gm_dequantize_rows_f32_read(before);
  const gm_dequantize_rows_f32_doubles value = gm_dequantize_rows_f32_of(out->value),
                                       scale = gm_dequantize_rows_f32_of(out->scale);
  for (size_t i = 0; i < a.rows * a.cols; i++) {
    value.values[i] = (double)a.scales[i / a.cols] * a.codes[i];
    scale.values[i] = fabs(value.values[i]);
  }
}
