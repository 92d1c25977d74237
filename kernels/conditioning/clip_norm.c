/* The error of the norm is half that of the sum of squares. */
#define GM_ROW "row/clip_norm.def"
#include <math.h>

#include "reduce/sum_of_squares.h"

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)coef, (void)scratch;
  return sum_of_squares(gm_clip_norm_f32_read(frame).grads, begin, end);
}

static double conclude(const gm_frame *frame, double total, float coef[GM_MAX_COEFS]) {
  const double norm = sqrt(total), factor = gm_clip_norm_f32_read(frame).max_norm / (norm + 1e-6);
  coef[0] = factor > 1 ? 1 : (float)factor; /* a NaN stays one */
  return norm;
}

struct job {
  float *grads;
  float factor;
};

GM_INLINE void step(const void *opaque, size_t i, size_t count) {
  const struct job j = *(const struct job *)opaque;
  v_store(j.grads + i, v_mul(v_set(j.factor), v_load(j.grads + i, count)), count);
}

static void apply(const gm_frame *frame, const float *coef, size_t begin, size_t end) {
  const struct job job = {gm_clip_norm_f32_read(frame).grads, coef[0]};
  lane_loop(step, &job, begin, end);
}

GM_BODY(clip_norm, f32) = {.run = run, .conclude = conclude, .apply = apply};
