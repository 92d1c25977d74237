#define GM_ROW "row/l1_proximal.def"
#include "body.h"

static void prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  coef[0] = (float)gm_l1_proximal_f32_read(frame).threshold;
}

GM_INLINE void step(const gm_l1_proximal_f32_args *a, const float *coef, size_t i, size_t count) {
  const v_f32 p = v_hold(v_load(a->params + i, count));
  const v_f32 left = v_max(v_zero(), v_sub(v_abs(p), v_set(coef[0]))); /* a NaN passes: the second argument */
  v_store(a->params + i, v_copysign(left, p), count);
}

GM_ELEMENTWISE(l1_proximal, f32, prepare, step);
