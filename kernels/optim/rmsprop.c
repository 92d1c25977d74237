#define GM_ROW "row/rmsprop.def"
#include "optim/rmsprop_step.h"

static void prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  const gm_rmsprop_f32_args a = gm_rmsprop_f32_read(frame);
  rmsprop_coefs(a.lr, a.alpha, a.eps, a.weight_decay, 0, coef);
}

GM_INLINE void step(const gm_rmsprop_f32_args *a, const float *coef, unsigned way, size_t i, size_t count) {
  const struct rmsprop_streams s = {.params = a->params, .square_avg = a->square_avg, .grads = a->grads};
  rmsprop_step(s, coef, way, false, false, i, count);
}

GM_ELEMENTWISE_WAYS(rmsprop, f32, prepare, step, 2, decays(coef[RMSPROP_DECAY]));
