#define GM_ROW "row/adam.def"
#include "optim/adam_step.h"
#include "optim/decay.h"

static void prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  const gm_adam_f32_args a = gm_adam_f32_read(frame);
  adam_coefs(a.lr, a.beta1, a.beta2, a.eps, a.step, coef);
  coef[ADAM_DECAY] = (float)a.weight_decay;
}

GM_INLINE void step(const gm_adam_f32_args *a, const float *coef, unsigned way, size_t i, size_t count) {
  const struct adam_streams s = {a->params, a->exp_avg, a->exp_avg_sq};
  const v_f32 p = v_load(a->params + i, count);
  const v_f32 g = with_decay(v_load(a->grads + i, count), way, coef[ADAM_DECAY], p);
  adam_step(s, coef, p, g, i, count);
}

GM_ELEMENTWISE_WAYS(adam, f32, prepare, step, 2, decays(coef[ADAM_DECAY]));
