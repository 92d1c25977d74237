#define GM_ROW "row/l1_proximal.def"
#include "body.h"

static void prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  coef[0] = (float)gm_l1_proximal_f32_read(frame).threshold;
}

struct job {
  float *params;
  float threshold;
};

GM_INLINE void step(const void *opaque, size_t i, size_t count) {
  const struct job j = *(const struct job *)opaque;
  const v_f32 p = v_hold(v_load(j.params + i, count));
  const v_f32 left = v_max(v_zero(), v_sub(v_abs(p), v_set(j.threshold))); /* a NaN passes: the second argument */
  v_store(j.params + i, v_copysign(left, p), count);
}

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)scratch;
  const struct job job = {gm_l1_proximal_f32_read(frame).params, coef[0]};
  lane_loop(step, &job, begin, end);
  return 0;
}

GM_BODY(l1_proximal, f32) = {.prepare = prepare, .run = run};
