#define GM_ROW "row/rmsprop_centered_momentum.def"
#include "optim/rmsprop_step.h"

static void prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  const gm_rmsprop_centered_momentum_f32_args a = gm_rmsprop_centered_momentum_f32_read(frame);
  rmsprop_coefs(a.lr, a.alpha, a.eps, a.weight_decay, a.momentum, coef);
}

GM_INLINE void step(const gm_rmsprop_centered_momentum_f32_args *a, const float *coef, unsigned way, size_t i,
                    size_t count) {
  const struct rmsprop_streams s = {.params = a->params,
                                    .square_avg = a->square_avg,
                                    .grads = a->grads,
                                    .grad_avg = a->grad_avg,
                                    .momentum_buffer = a->momentum_buffer};
  rmsprop_step(s, coef, way, true, true, i, count);
}

GM_ELEMENTWISE_WAYS(rmsprop_centered_momentum, f32, prepare, step, 2, decays(coef[RMSPROP_DECAY]));
