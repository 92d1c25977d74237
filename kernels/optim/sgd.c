#define GM_ROW "row/sgd.def"
#include "optim/decay.h"

enum { NEG_LR, WEIGHT_DECAY };

static void prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  const gm_sgd_f32_args a = gm_sgd_f32_read(frame);
  coef[NEG_LR] = (float)-a.lr;
  coef[WEIGHT_DECAY] = (float)a.weight_decay;
}

struct job {
  float *params;
  const float *grads;
  float neg_lr, weight_decay;
  bool decays;
};

GM_INLINE void step(const void *opaque, size_t i, size_t count) {
  const struct job j = *(const struct job *)opaque;
  const v_f32 p = v_hold(v_load(j.params + i, count));
  const v_f32 g = with_decay(v_load(j.grads + i, count), j.decays, j.weight_decay, p);
  v_store(j.params + i, v_fma(v_set(j.neg_lr), g, p), count);
}

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)scratch;
  const gm_sgd_f32_args a = gm_sgd_f32_read(frame);
  struct job job = {a.params, a.grads, coef[NEG_LR], coef[WEIGHT_DECAY], coef[WEIGHT_DECAY] != 0};
  lane_loop_either(step, &job, &job.decays, begin, end);
  return 0;
}

GM_BODY(sgd, f32) = {.prepare = prepare, .run = run};
