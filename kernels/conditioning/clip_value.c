#define GM_ROW "row/clip_value.def"
#include "body.h"

static void prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  coef[0] = (float)gm_clip_value_f32_read(frame).max_value;
}

struct job {
  float *grads;
  float max_value;
};

GM_INLINE void step(const void *opaque, size_t i, size_t count) {
  const struct job j = *(const struct job *)opaque;
  const v_f32 g = v_load(j.grads + i, count);
  /* A NaN passes: it is the second argument. */
  v_store(j.grads + i, v_max(v_set(-j.max_value), v_min(v_set(j.max_value), g)), count);
}

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)scratch;
  const struct job job = {gm_clip_value_f32_read(frame).grads, coef[0]};
  lane_loop(step, &job, begin, end);
  return 0;
}

GM_BODY(clip_value, f32) = {.prepare = prepare, .run = run};
