#define GM_ROW "row/adagrad.def"
#include "optim/decay.h"

enum { NEG_DECAYED_LR, EPS, WEIGHT_DECAY };

static void prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  const gm_adagrad_f32_args a = gm_adagrad_f32_read(frame);
  coef[NEG_DECAYED_LR] = (float)(-a.lr / (1 + (a.step - 1) * a.lr_decay));
  coef[EPS] = (float)a.eps;
  coef[WEIGHT_DECAY] = (float)a.weight_decay;
}

struct job {
  float *params, *state_sum;
  const float *grads;
  float neg_decayed_lr, eps, weight_decay;
  bool decays;
};

GM_INLINE void step(const void *opaque, size_t i, size_t count) {
  const struct job j = *(const struct job *)opaque;
  const v_f32 p = v_load(j.params + i, count);
  const v_f32 g = with_decay(v_load(j.grads + i, count), j.decays, j.weight_decay, p);
  const v_f32 state_sum = v_fma(g, g, v_load(j.state_sum + i, count));
  v_store(j.state_sum + i, state_sum, count);
  const v_f32 update = v_quotient(g, v_add(v_root(state_sum), v_set(j.eps)));
  v_store(j.params + i, v_fma(v_set(j.neg_decayed_lr), update, p), count);
}

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)scratch;
  const gm_adagrad_f32_args a = gm_adagrad_f32_read(frame);
  struct job job = {
      .params = a.params,
      .state_sum = a.state_sum,
      .grads = a.grads,
      .neg_decayed_lr = coef[NEG_DECAYED_LR],
      .eps = coef[EPS],
      .weight_decay = coef[WEIGHT_DECAY],
      .decays = coef[WEIGHT_DECAY] != 0,
  };
  lane_loop_either(step, &job, &job.decays, begin, end);
  return 0;
}

GM_BODY(adagrad, f32) = {.prepare = prepare, .run = run};
