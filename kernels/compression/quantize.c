#define GM_ROW "row/quantize.def"
#include "compression/codes.h"

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)coef, (void)scratch;
  return lane_largest_finite(gm_quantize_f32_read(frame).values, begin, end);
}

static double conclude(const gm_frame *frame, double total, float coef[GM_MAX_COEFS]) {
  (void)frame;
  const double scale = code_scale(total);
  coef[0] = code_factor(scale);
  return scale;
}

static void apply(const gm_frame *frame, const float *coef, size_t begin, size_t end) {
  const gm_quantize_f32_args a = gm_quantize_f32_read(frame);
  const struct codes_job job = {a.values, a.codes, coef[0]};
  lane_loop(write_codes, &job, begin, end);
}

GM_BODY(quantize, f32) = {.run = run, .conclude = conclude, .apply = apply};
