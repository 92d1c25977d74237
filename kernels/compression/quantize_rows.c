#define GM_ROW "row/quantize_rows.def"
#include "compression/codes.h"

/* Codes are those under the scale that is stored. */
static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)coef, (void)scratch;
  const gm_quantize_rows_f32_args a = gm_quantize_rows_f32_read(frame);
  for (size_t row = begin; row < end; row++) {
    const float *values = a.values + row * a.cols;
    a.scales[row] = (float)code_scale(lane_largest_finite(values, 0, a.cols));
    const struct codes_job job = {values, a.codes + row * a.cols, code_factor(a.scales[row])};
    lane_loop(write_codes, &job, 0, a.cols);
  }
  return 0;
}

GM_BODY(quantize_rows, f32) = {.run = run};
