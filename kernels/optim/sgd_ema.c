#define GM_ROW "row/sgd_ema.def"
#include "body.h"

enum { NEG_LR, BETA, ONE_MINUS_BETA };

static void prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  const gm_sgd_ema_f32_args a = gm_sgd_ema_f32_read(frame);
  coef[NEG_LR] = (float)-a.lr;
  coef[BETA] = (float)a.beta;
  coef[ONE_MINUS_BETA] = (float)(1 - a.beta);
}

GM_INLINE void step(const gm_sgd_ema_f32_args *a, const float *coef, size_t i, size_t count) {
  const v_f32 scaled = v_mul(v_set(coef[ONE_MINUS_BETA]), v_load(a->grads + i, count));
  const v_f32 velocity = v_fma(v_set(coef[BETA]), v_load(a->velocity + i, count), scaled);
  v_store(a->velocity + i, velocity, count);
  v_store(a->params + i, v_fma(v_set(coef[NEG_LR]), velocity, v_load(a->params + i, count)), count);
}

GM_ELEMENTWISE(sgd_ema, f32, prepare, step);
