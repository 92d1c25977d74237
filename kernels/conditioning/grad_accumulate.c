#define GM_ROW "row/grad_accumulate.def"
#include "body.h"

static void prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  coef[0] = (float)gm_grad_accumulate_f32_read(frame).weight;
}

GM_INLINE void step(const gm_grad_accumulate_f32_args *a, const float *coef, size_t i, size_t count) {
  const v_f32 sum = v_fma(v_set(coef[0]), v_load(a->grads + i, count), v_load(a->accumulated + i, count));
  v_store(a->accumulated + i, sum, count);
}

GM_ELEMENTWISE(grad_accumulate, f32, prepare, step);
