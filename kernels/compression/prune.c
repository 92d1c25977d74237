#define GM_ROW "row/prune.def"
#include <math.h>

#include "body.h"

/* The largest float that is not above the threshold: a float is above the one exactly where it is above the other. */
static void prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  const double threshold = gm_prune_f32_read(frame).threshold;
  coef[0] = (float)threshold;
  if (coef[0] > threshold) coef[0] = nextafterf(coef[0], 0);
}

struct job {
  float *params;
  int8_t *mask;
  float threshold;
};

GM_INLINE void step(const void *opaque, size_t i, size_t count) {
  const struct job j = *(const struct job *)opaque;
  const v_f32 p = v_load(j.params + i, count);
  const v_mask kept = v_less(v_set(j.threshold), v_abs(p));
  const v_f32 left = v_where(kept, p), mask = v_where(kept, v_set(1.0f));
  v_store(j.params + i, left, count);
  v_store_i8(j.mask + i, mask, count);
}

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)scratch;
  const gm_prune_f32_args a = gm_prune_f32_read(frame);
  const struct job job = {a.params, a.mask, coef[0]};
  lane_loop(step, &job, begin, end);
  return 0;
}

GM_BODY(prune, f32) = {.prepare = prepare, .run = run};
