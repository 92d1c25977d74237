#define GM_ROW "row/apply_mask.def"
#include "body.h"

struct job {
  float *params;
  const int8_t *mask;
};

GM_INLINE void step(const void *opaque, size_t i, size_t count) {
  const struct job j = *(const struct job *)opaque;
  const v_mask kept = v_less(v_zero(), v_abs(v_load_i8(j.mask + i, count)));
  v_store(j.params + i, v_where(kept, v_load(j.params + i, count)), count);
}

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)coef, (void)scratch;
  const gm_apply_mask_f32_args a = gm_apply_mask_f32_read(frame);
  const struct job job = {a.params, a.mask};
  lane_loop(step, &job, begin, end);
  return 0;
}

GM_BODY(apply_mask, f32) = {.run = run};
