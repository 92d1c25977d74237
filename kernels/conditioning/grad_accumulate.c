#define GM_ROW "row/grad_accumulate.def"
#include "body.h"

static void prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  coef[0] = (float)gm_grad_accumulate_f32_read(frame).weight;
}

struct job {
  float *accumulated;
  const float *grads;
  float weight;
};

GM_INLINE void step(const void *opaque, size_t i, size_t count) {
  const struct job j = *(const struct job *)opaque;
  const v_f32 sum = v_fma(v_set(j.weight), v_load(j.grads + i, count), v_load(j.accumulated + i, count));
  v_store(j.accumulated + i, sum, count);
}

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)scratch;
  const gm_grad_accumulate_f32_args a = gm_grad_accumulate_f32_read(frame);
  const struct job job = {a.accumulated, a.grads, coef[0]};
  lane_loop(step, &job, begin, end);
  return 0;
}

GM_BODY(grad_accumulate, f32) = {.prepare = prepare, .run = run};
