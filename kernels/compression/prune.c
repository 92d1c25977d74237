#define GM_ROW "row/prune.def"
#include <math.h>

#include "body.h"

/* The largest float that is not above the threshold: a float is above the one exactly where it is above the other. */
static void prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  const double threshold = gm_prune_f32_read(frame).threshold;
  coef[0] = (float)threshold;
  if (coef[0] > threshold) coef[0] = nextafterf(coef[0], 0);
}

GM_INLINE void step(const gm_prune_f32_args *a, const float *coef, size_t i, size_t count) {
  const v_f32 p = v_load(a->params + i, count);
  const v_mask kept = v_less(v_set(coef[0]), v_abs(p));
  v_store(a->params + i, v_where(kept, p), count);
  v_store_i8(a->mask + i, v_where(kept, v_set(1.0f)), count);
}

GM_ELEMENTWISE(prune, f32, prepare, step);
