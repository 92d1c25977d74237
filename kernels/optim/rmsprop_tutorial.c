#define GM_ROW "row/rmsprop_tutorial.def"
#include "body.h"

enum { NEG_LR, BETA, ONE_MINUS_BETA, EPS };

static void prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  const gm_rmsprop_tutorial_f32_args a = gm_rmsprop_tutorial_f32_read(frame);
  coef[NEG_LR] = (float)-a.lr;
  coef[BETA] = (float)a.beta;
  coef[ONE_MINUS_BETA] = (float)(1 - a.beta);
  coef[EPS] = (float)a.eps;
}

GM_INLINE void step(const gm_rmsprop_tutorial_f32_args *a, const float *coef, size_t i, size_t count) {
  const v_f32 g = v_load(a->grads + i, count);
  const v_f32 decayed = v_mul(v_set(coef[BETA]), v_load(a->mean_sq + i, count));
  const v_f32 mean_sq = v_fma(v_mul(v_set(coef[ONE_MINUS_BETA]), g), g, decayed);
  v_store(a->mean_sq + i, mean_sq, count);
  const v_f32 update = v_mul_rsqrt(g, v_add(mean_sq, v_set(coef[EPS])));
  v_store(a->params + i, v_fma(v_set(coef[NEG_LR]), update, v_load(a->params + i, count)), count);
}

GM_ELEMENTWISE(rmsprop_tutorial, f32, prepare, step);
