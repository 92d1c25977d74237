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

struct job {
  float *params, *mean_sq;
  const float *grads;
  float neg_lr, beta, one_minus_beta, eps;
};

GM_INLINE void step(const void *opaque, size_t i, size_t count) {
  const struct job j = *(const struct job *)opaque;
  const v_f32 g = v_load(j.grads + i, count);
  const v_f32 decayed = v_mul(v_set(j.beta), v_load(j.mean_sq + i, count));
  const v_f32 mean_sq = v_fma(v_mul(v_set(j.one_minus_beta), g), g, decayed);
  v_store(j.mean_sq + i, mean_sq, count);
  const v_f32 update = v_quotient_by_root(g, v_add(mean_sq, v_set(j.eps)));
  v_store(j.params + i, v_fma(v_set(j.neg_lr), update, v_load(j.params + i, count)), count);
}

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)scratch;
  const gm_rmsprop_tutorial_f32_args a = gm_rmsprop_tutorial_f32_read(frame);
  const struct job job = {a.params, a.mean_sq, a.grads, coef[NEG_LR], coef[BETA], coef[ONE_MINUS_BETA], coef[EPS]};
  lane_loop(step, &job, begin, end);
  return 0;
}

GM_BODY(rmsprop_tutorial, f32) = {.prepare = prepare, .run = run};
