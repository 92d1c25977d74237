/* What the four forms of torch.optim.RMSprop share: the moving means and the step. A form says with constants whether
 * it is centered and whether it has momentum, and gives the streams that it has. */
#ifndef GM_RMSPROP_STEP_H
#define GM_RMSPROP_STEP_H

#include "optim/decay.h"

enum { RMSPROP_NEG_LR, RMSPROP_ALPHA, RMSPROP_WEIGHT, RMSPROP_EPS, RMSPROP_DECAY, RMSPROP_MOMENTUM };

struct rmsprop_job {
  float *params, *square_avg, *grad_avg, *momentum_buffer; /* the last two only where the form has them */
  const float *grads;
  float neg_lr, alpha, weight, eps, decay, momentum;
  bool decays;
};

static inline void rmsprop_coefs(double lr, double alpha, double eps, double weight_decay, double momentum,
                                 float *coef) {
  coef[RMSPROP_NEG_LR] = (float)-lr;
  coef[RMSPROP_ALPHA] = (float)alpha;
  coef[RMSPROP_WEIGHT] = (float)(1 - alpha);
  coef[RMSPROP_EPS] = (float)eps;
  coef[RMSPROP_DECAY] = (float)weight_decay;
  coef[RMSPROP_MOMENTUM] = (float)momentum;
}

static inline struct rmsprop_job rmsprop_job(float *params, const float *grads, float *square_avg, const float *coef) {
  return (struct rmsprop_job){
      .params = params,
      .square_avg = square_avg,
      .grads = grads,
      .neg_lr = coef[RMSPROP_NEG_LR],
      .alpha = coef[RMSPROP_ALPHA],
      .weight = coef[RMSPROP_WEIGHT],
      .eps = coef[RMSPROP_EPS],
      .decay = coef[RMSPROP_DECAY],
      .decays = coef[RMSPROP_DECAY] != 0,
      .momentum = coef[RMSPROP_MOMENTUM],
  };
}

GM_INLINE void rmsprop_step(const void *opaque, bool centered, bool momentum, size_t i, size_t count) {
  const struct rmsprop_job j = *(const struct rmsprop_job *)opaque;
  const v_f32 p = v_load(j.params + i, count);
  const v_f32 g = with_decay(v_load(j.grads + i, count), j.decays, j.decay, p);
  const v_f32 decayed = v_mul(v_set(j.alpha), v_load(j.square_avg + i, count));
  const v_f32 square_avg = v_fma(v_mul(v_set(j.weight), g), g, decayed);
  v_store(j.square_avg + i, square_avg, count);
  v_f32 variance = square_avg;
  if (centered) {
    const v_f32 old = v_load(j.grad_avg + i, count);
    const v_f32 grad_avg = v_fma(v_set(j.weight), v_sub(g, old), old);
    v_store(j.grad_avg + i, grad_avg, count);
    /* Zero comes first: v_max then lets a NaN through. */
    variance = v_max(v_zero(), v_fnma(grad_avg, grad_avg, square_avg));
  }
  v_f32 update = v_quotient(g, v_add(v_root(variance), v_set(j.eps)));
  if (momentum) {
    update = v_fma(v_set(j.momentum), v_load(j.momentum_buffer + i, count), update);
    v_store(j.momentum_buffer + i, update, count);
  }
  v_store(j.params + i, v_fma(v_set(j.neg_lr), update, p), count);
}

#endif
