#define GM_ROW "row/adam.def"
#include "optim/adam_step.h"

static void prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  const gm_adam_f32_args a = gm_adam_f32_read(frame);
  adam_coefs(a.lr, a.beta1, a.beta2, a.eps, a.step, coef);
  coef[ADAM_DECAY] = (float)a.weight_decay;
}

GM_INLINE void step(const void *opaque, size_t i, size_t count) {
  const struct adam_job j = *(const struct adam_job *)opaque;
  const v_f32 p = v_load(j.params + i, count);
  const v_f32 g = with_decay(v_load(j.grads + i, count), j.decays, j.decay, p);
  adam_step(&j, p, g, i, count);
}

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)scratch;
  const gm_adam_f32_args a = gm_adam_f32_read(frame);
  struct adam_job job = adam_job(a.params, a.grads, a.exp_avg, a.exp_avg_sq, coef);
  lane_loop_either(step, &job, &job.decays, begin, end);
  return 0;
}

GM_BODY(adam, f32) = {.prepare = prepare, .run = run};
