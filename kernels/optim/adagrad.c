#define GM_ROW "row/adagrad.def"
#include "optim/decay.h"

enum { NEG_DECAYED_LR, EPS, WEIGHT_DECAY };

static void prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  const gm_adagrad_f32_args a = gm_adagrad_f32_read(frame);
  coef[NEG_DECAYED_LR] = (float)(-a.lr / (1 + (a.step - 1) * a.lr_decay));
  coef[EPS] = (float)a.eps;
  coef[WEIGHT_DECAY] = (float)a.weight_decay;
}

GM_INLINE void step(const gm_adagrad_f32_args *a, const float *coef, unsigned way, size_t i, size_t count) {
  const v_f32 p = v_load(a->params + i, count);
  const v_f32 g = with_decay(v_load(a->grads + i, count), way, coef[WEIGHT_DECAY], p);
  const v_f32 state_sum = v_fma(g, g, v_load(a->state_sum + i, count));
  v_store(a->state_sum + i, state_sum, count);
  const v_f32 update = v_quotient(g, v_add(v_sqrt(state_sum), v_set(coef[EPS])));
  v_store(a->params + i, v_fma(v_set(coef[NEG_DECAYED_LR]), update, p), count);
}

GM_ELEMENTWISE_WAYS(adagrad, f32, prepare, step, 2, decays(coef[WEIGHT_DECAY]));
