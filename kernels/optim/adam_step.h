/* What adam and adamw share: the moments, the bias corrections and the step; they differ in where the decay goes.
 * Bias corrections are formed on the host in double (PyTorch does the same); 1/sqrt(bc2) is multiplied, so that one
 * division and one root remain, with the real-number value of PyTorch's two divisions. The first moment takes PyTorch's
 * form for 1 - beta1 < 0.5 at every beta1. */
#ifndef GM_ADAM_STEP_H
#define GM_ADAM_STEP_H

#include <math.h>

#include "body.h"

enum { ADAM_NEG_STEP_SIZE, ADAM_WEIGHT_1, ADAM_BETA_2, ADAM_WEIGHT_2, ADAM_INV_SQRT_BC2, ADAM_EPS, ADAM_DECAY };

static inline void adam_coefs(double lr, double beta1, double beta2, double eps, double step, float *coef) {
  const double bc1 = 1 - pow(beta1, step), bc2 = 1 - pow(beta2, step);
  coef[ADAM_NEG_STEP_SIZE] = (float)(-lr / bc1);
  coef[ADAM_WEIGHT_1] = (float)(1 - beta1);
  coef[ADAM_BETA_2] = (float)beta2;
  coef[ADAM_WEIGHT_2] = (float)(1 - beta2);
  coef[ADAM_INV_SQRT_BC2] = (float)(1 / sqrt(bc2));
  coef[ADAM_EPS] = (float)eps;
}

struct adam_streams {
  float *params, *exp_avg, *exp_avg_sq;
};

/* From params and gradient, decayed as the op says, to the new state. */
GM_INLINE void adam_step(struct adam_streams s, const float *coef, v_f32 p, v_f32 g, size_t i, size_t count) {
  const v_f32 m_old = v_load(s.exp_avg + i, count);
  const v_f32 m = v_fma(v_set(coef[ADAM_WEIGHT_1]), v_sub(g, m_old), m_old);
  const v_f32 decayed = v_mul(v_set(coef[ADAM_BETA_2]), v_load(s.exp_avg_sq + i, count));
  const v_f32 v = v_fma(v_mul(v_set(coef[ADAM_WEIGHT_2]), g), g, decayed);
  const v_f32 denominator = v_fma(v_sqrt(v), v_set(coef[ADAM_INV_SQRT_BC2]), v_set(coef[ADAM_EPS]));
  v_store(s.exp_avg + i, m, count);
  v_store(s.exp_avg_sq + i, v, count);
  v_store(s.params + i, v_fma(v_set(coef[ADAM_NEG_STEP_SIZE]), v_quotient(m, denominator), p), count);
}

#endif
