#define GM_ROW "row/dequantize_rows.def"
#include "compression/dequantize_step.h"

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)coef, (void)scratch;
  const gm_dequantize_rows_f32_args a = gm_dequantize_rows_f32_read(frame);
  for (size_t row = begin; row < end; row++) {
    const struct values_job job = {a.codes + row * a.cols, a.values + row * a.cols, a.scales[row]};
    lane_loop(write_values, &job, 0, a.cols);
  }
  return 0;
}

GM_BODY(dequantize_rows, f32) = {.run = run};
