#define GM_ROW "row/apply_mask.def"
#include "body.h"

GM_INLINE void step(const gm_apply_mask_f32_args *a, const float *coef, size_t i, size_t count) {
  (void)coef;
  const v_mask kept = v_less(v_zero(), v_abs(v_load_i8(a->mask + i, count)));
  v_store(a->params + i, v_where(kept, v_load(a->params + i, count)), count);
}

GM_ELEMENTWISE(apply_mask, f32, NULL, step);
