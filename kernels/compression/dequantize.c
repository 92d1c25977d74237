#define GM_ROW "row/dequantize.def"
#include "compression/dequantize_step.h"

static void prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  coef[0] = (float)gm_dequantize_f32_read(frame).scale;
}

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)scratch;
  const gm_dequantize_f32_args a = gm_dequantize_f32_read(frame);
  const struct values_job job = {a.codes, a.values, coef[0]};
  lane_loop(write_values, &job, begin, end);
  return 0;
}

GM_BODY(dequantize, f32) = {.prepare = prepare, .run = run};
