#define GM_ROW "row/clip_value.def"
#include "body.h"

static void prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  coef[0] = (float)gm_clip_value_f32_read(frame).max_value;
}

GM_INLINE void step(const gm_clip_value_f32_args *a, const float *coef, size_t i, size_t count) {
  const v_f32 most = v_set(coef[0]), least = v_set(-coef[0]);
  v_store(a->grads + i, v_max(least, v_min(most, v_load(a->grads + i, count))),
          count); /* a NaN passes: it comes last */
}

GM_ELEMENTWISE(clip_value, f32, prepare, step);
