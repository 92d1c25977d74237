#define GM_ROW "row/l1_penalty_grad.def"
#include "optim/decay.h"

static void prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  coef[0] = (float)gm_l1_penalty_grad_f32_read(frame).l1;
}

GM_INLINE void step(const gm_l1_penalty_grad_f32_args *a, const float *coef, unsigned way, size_t i, size_t count) {
  if (!(way & DECAYS)) return;
  const v_f32 p = v_hold(v_load(a->params + i, count));
  /* sign(p), 0 for either zero: copysign alone would give +-1. */
  const v_f32 penalty = v_select(v_less(v_zero(), v_abs(p)), v_copysign(v_set(coef[0]), p), v_mul(p, v_zero()));
  v_store(a->grads + i, v_add(v_load(a->grads + i, count), penalty), count);
}

GM_ELEMENTWISE_WAYS(l1_penalty_grad, f32, prepare, step, 2, decays(coef[0]));
