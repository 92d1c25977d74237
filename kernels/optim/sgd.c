#define GM_ROW "row/sgd.def"
#include "optim/decay.h"

enum { NEG_LR, WEIGHT_DECAY };

static void prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  const gm_sgd_f32_args a = gm_sgd_f32_read(frame);
  coef[NEG_LR] = (float)-a.lr;
  coef[WEIGHT_DECAY] = (float)a.weight_decay;
}

GM_INLINE void step(const gm_sgd_f32_args *a, const float *coef, unsigned way, size_t i, size_t count) {
  const v_f32 p = v_hold(v_load(a->params + i, count));
  const v_f32 g = with_decay(v_load(a->grads + i, count), way, coef[WEIGHT_DECAY], p);
  v_store(a->params + i, v_fma(v_set(coef[NEG_LR]), g, p), count);
}

GM_ELEMENTWISE_WAYS(sgd, f32, prepare, step, 2, decays(coef[WEIGHT_DECAY]));
