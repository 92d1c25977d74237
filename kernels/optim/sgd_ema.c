#define GM_ROW "row/sgd_ema.def"
#include "body.h"

enum { NEG_LR, BETA, ONE_MINUS_BETA };

static void prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  const gm_sgd_ema_f32_args a = gm_sgd_ema_f32_read(frame);
  coef[NEG_LR] = (float)-a.lr;
  coef[BETA] = (float)a.beta;
  coef[ONE_MINUS_BETA] = (float)(1 - a.beta);
}

struct job {
  float *params, *velocity;
  const float *grads;
  float neg_lr, beta, one_minus_beta;
};

GM_INLINE void step(const void *opaque, size_t i, size_t count) {
  const struct job j = *(const struct job *)opaque;
  const v_f32 g = v_load(j.grads + i, count);
  const v_f32 scaled = v_mul(v_set(j.one_minus_beta), g);
  const v_f32 velocity = v_fma(v_set(j.beta), v_load(j.velocity + i, count), scaled);
  v_store(j.velocity + i, velocity, count);
  v_store(j.params + i, v_fma(v_set(j.neg_lr), velocity, v_load(j.params + i, count)), count);
}

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)scratch;
  const gm_sgd_ema_f32_args a = gm_sgd_ema_f32_read(frame);
  const struct job job = {a.params, a.velocity, a.grads, coef[NEG_LR], coef[BETA], coef[ONE_MINUS_BETA]};
  lane_loop(step, &job, begin, end);
  return 0;
}

GM_BODY(sgd_ema, f32) = {.prepare = prepare, .run = run};
