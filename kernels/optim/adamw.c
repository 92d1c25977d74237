#define GM_ROW "row/adamw.def"
#include "optim/adam_step.h"

static void prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  const gm_adamw_f32_args a = gm_adamw_f32_read(frame);
  adam_coefs(a.lr, a.beta1, a.beta2, a.eps, a.step, coef);
  coef[ADAM_DECAY] = (float)(1 - a.lr * a.weight_decay);
}

GM_INLINE void step(const void *opaque, size_t i, size_t count) {
  const struct adam_job j = *(const struct adam_job *)opaque;
  const v_f32 p = v_load(j.params + i, count);
  adam_step(&j, v_mul(p, v_set(j.decay)), v_load(j.grads + i, count), i, count);
}

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)scratch;
  const gm_adamw_f32_args a = gm_adamw_f32_read(frame);
  const struct adam_job job = adam_job(a.params, a.grads, a.exp_avg, a.exp_avg_sq, coef);
  lane_loop(step, &job, begin, end);
  return 0;
}

GM_BODY(adamw, f32) = {.prepare = prepare, .run = run};
