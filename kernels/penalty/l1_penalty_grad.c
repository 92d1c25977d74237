#define GM_ROW "row/l1_penalty_grad.def"
#include "body.h"

static void prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  coef[0] = (float)gm_l1_penalty_grad_f32_read(frame).l1;
}

struct job {
  float *grads;
  const float *params;
  float l1;
};

GM_INLINE void step(const void *opaque, size_t i, size_t count) {
  const struct job j = *(const struct job *)opaque;
  const v_f32 p = v_hold(v_load(j.params + i, count));
  /* sign(p), 0 for either zero: copysign alone would give +-1. */
  const v_f32 penalty = v_select(v_less(v_zero(), v_abs(p)), v_copysign(v_set(j.l1), p), v_mul(p, v_zero()));
  v_store(j.grads + i, v_add(v_load(j.grads + i, count), penalty), count);
}

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)scratch;
  const gm_l1_penalty_grad_f32_args a = gm_l1_penalty_grad_f32_read(frame);
  const struct job job = {a.grads, a.params, coef[0]};
  if (coef[0] == 0) return 0; /* left out, as a weight decay of 0 is */
  lane_loop(step, &job, begin, end);
  return 0;
}

GM_BODY(l1_penalty_grad, f32) = {.prepare = prepare, .run = run};
