#define GM_ROW "row/rmsprop_centered_momentum.def"
#include "optim/rmsprop_step.h"

static void prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  const gm_rmsprop_centered_momentum_f32_args a = gm_rmsprop_centered_momentum_f32_read(frame);
  rmsprop_coefs(a.lr, a.alpha, a.eps, a.weight_decay, a.momentum, coef);
}

GM_INLINE void step(const void *job, size_t i, size_t count) { rmsprop_step(job, true, true, i, count); }

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)scratch;
  const gm_rmsprop_centered_momentum_f32_args a = gm_rmsprop_centered_momentum_f32_read(frame);
  struct rmsprop_job job = rmsprop_job(a.params, a.grads, a.square_avg, coef);
  job.grad_avg = a.grad_avg;
  job.momentum_buffer = a.momentum_buffer;
  lane_loop_either(step, &job, &job.decays, begin, end);
  return 0;
}

GM_BODY(rmsprop_centered_momentum, f32) = {.prepare = prepare, .run = run};
