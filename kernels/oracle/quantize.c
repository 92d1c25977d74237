#define GM_ROW "row/quantize.def"
#include "oracle/codes_oracle.h"

GM_ORACLE(quantize, f32) {
  const gm_quantize_f32_args a = gm_quantize_f32_read(before);
  const gm_quantize_f32_doubles value = gm_quantize_f32_of(out->value), scale = gm_quantize_f32_of(out->scale);
  *value.scale = *scale.scale = gm_codes_scale(a.values, a.n);
  gm_codes(a.values, a.n, *value.scale, value.codes, scale.codes);
}
