#define GM_ROW "row/l2_penalty_grad.def"
#include "body.h"

static void prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  coef[0] = (float)gm_l2_penalty_grad_f32_read(frame).l2;
}

struct job {
  float *grads;
  const float *params;
  float l2;
};

GM_INLINE void step(const void *opaque, size_t i, size_t count) {
  const struct job j = *(const struct job *)opaque;
  const v_f32 p = v_load(j.params + i, count);
  v_store(j.grads + i, v_fma(v_set(j.l2), p, v_load(j.grads + i, count)), count);
}

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)scratch;
  const gm_l2_penalty_grad_f32_args a = gm_l2_penalty_grad_f32_read(frame);
  const struct job job = {a.grads, a.params, coef[0]};
  if (coef[0] == 0) return 0; /* left out, as a weight decay of 0 is */
  lane_loop(step, &job, begin, end);
  return 0;
}

GM_BODY(l2_penalty_grad, f32) = {.prepare = prepare, .run = run};
