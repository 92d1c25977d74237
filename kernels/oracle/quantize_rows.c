#define GM_ROW "row/quantize_rows.def"
#include "oracle/codes_oracle.h"

GM_ORACLE(quantize_rows, f32) {
  const gm_quantize_rows_f32_args a = gm_quantize_rows_f32_read(before);
  const gm_quantize_rows_f32_doubles value = gm_quantize_rows_f32_of(out->value),
                                     scale = gm_quantize_rows_f32_of(out->scale);
  for (size_t row = 0; row < a.rows; row++) {
    const size_t at = row * a.cols;
    value.scales[row] = scale.scales[row] = gm_codes_scale(a.values + at, a.cols);
    gm_codes(a.values + at, a.cols, value.scales[row], value.codes + at, scale.codes + at);
  }
}
