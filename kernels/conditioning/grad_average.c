#define GM_ROW "row/grad_average.def"
#include "body.h"

/* A multiplication is many times faster than a division, and as exact where count is a power of two. */
static void prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  coef[0] = (float)(1 / gm_grad_average_f32_read(frame).count);
}

struct job {
  float *grads;
  float one_by_count;
};

GM_INLINE void step(const void *opaque, size_t i, size_t count) {
  const struct job j = *(const struct job *)opaque;
  v_store(j.grads + i, v_mul(v_set(j.one_by_count), v_load(j.grads + i, count)), count);
}

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)scratch;
  const struct job job = {gm_grad_average_f32_read(frame).grads, coef[0]};
  lane_loop(step, &job, begin, end);
  return 0;
}

GM_BODY(grad_average, f32) = {.prepare = prepare, .run = run};
