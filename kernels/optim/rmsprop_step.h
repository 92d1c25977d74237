/* What the four forms of torch.optim.RMSprop share: the moving means and the step. A form says with constants whether
 * it is centered and whether it has momentum, and gives the streams that it has. */
#ifndef GM_RMSPROP_STEP_H
#define GM_RMSPROP_STEP_H

#include "optim/decay.h"

enum { RMSPROP_NEG_LR, RMSPROP_ALPHA, RMSPROP_WEIGHT, RMSPROP_EPS, RMSPROP_DECAY, RMSPROP_MOMENTUM };

static inline void rmsprop_coefs(double lr, double alpha, double eps, double weight_decay, double momentum,
                                 float *coef) {
  coef[RMSPROP_NEG_LR] = (float)-lr;
  coef[RMSPROP_ALPHA] = (float)alpha;
  coef[RMSPROP_WEIGHT] = (float)(1 - alpha);
  coef[RMSPROP_EPS] = (float)eps;
  coef[RMSPROP_DECAY] = (float)weight_decay;
  coef[RMSPROP_MOMENTUM] = (float)momentum;
}

struct rmsprop_streams {
  float *params, *square_avg;
  const float *grads;
  float *grad_avg;        /* of a centered form */
  float *momentum_buffer; /* of one with momentum */
};

GM_INLINE void rmsprop_step(struct rmsprop_streams s, const float *coef, unsigned way, bool centered, bool momentum,
                            size_t i, size_t count) {
  const v_f32 p = v_load(s.params + i, count);
  const v_f32 g = with_decay(v_load(s.grads + i, count), way, coef[RMSPROP_DECAY], p);
  const v_f32 decayed = v_mul(v_set(coef[RMSPROP_ALPHA]), v_load(s.square_avg + i, count));
  const v_f32 square_avg = v_fma(v_mul(v_set(coef[RMSPROP_WEIGHT]), g), g, decayed);
  v_store(s.square_avg + i, square_avg, count);
  v_f32 variance = square_avg;
  if (centered) {
    const v_f32 old = v_load(s.grad_avg + i, count);
    const v_f32 grad_avg = v_fma(v_set(coef[RMSPROP_WEIGHT]), v_sub(g, old), old);
    v_store(s.grad_avg + i, grad_avg, count);
    /* Zero comes first: v_max then lets a NaN through. */
    variance = v_max(v_zero(), v_fnma(grad_avg, grad_avg, square_avg));
  }
  v_f32 update = v_quotient(g, v_add(v_sqrt(variance), v_set(coef[RMSPROP_EPS])));
  if (momentum) {
    update = v_fma(v_set(coef[RMSPROP_MOMENTUM]), v_load(s.momentum_buffer + i, count), update);
    v_store(s.momentum_buffer + i, update, count);
  }
  v_store(s.params + i, v_fma(v_set(coef[RMSPROP_NEG_LR]), update, p), count);
}

#endif
