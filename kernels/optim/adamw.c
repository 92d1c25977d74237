#define GM_ROW "row/adamw.def"
#include "optim/adam_step.h"

static void prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  const gm_adamw_f32_args a = gm_adamw_f32_read(frame);
  adam_coefs(a.lr, a.beta1, a.beta2, a.eps, a.step, coef);
  coef[ADAM_DECAY] = (float)(1 - a.lr * a.weight_decay);
}

GM_INLINE void step(const gm_adamw_f32_args *a, const float *coef, size_t i, size_t count) {
  const struct adam_streams s = {a->params, a->exp_avg, a->exp_avg_sq};
  const v_f32 p = v_mul(v_load(a->params + i, count), v_set(coef[ADAM_DECAY]));
  adam_step(s, coef, p, v_load(a->grads + i, count), i, count);
}

GM_ELEMENTWISE(adamw, f32, prepare, step);
