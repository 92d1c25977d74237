#define GM_ROW "row/l2_penalty_grad.def"
#include "optim/decay.h"

static void prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  coef[0] = (float)gm_l2_penalty_grad_f32_read(frame).l2;
}

GM_INLINE void step(const gm_l2_penalty_grad_f32_args *a, const float *coef, unsigned way, size_t i, size_t count) {
  const v_f32 g = with_decay(v_load(a->grads + i, count), way, coef[0], v_load(a->params + i, count));
  v_store(a->grads + i, g, count);
}

GM_ELEMENTWISE_WAYS(l2_penalty_grad, f32, prepare, step, 2, decays(coef[0]));
