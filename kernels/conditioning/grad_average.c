#define GM_ROW "row/grad_average.def"
#include "body.h"

/* A multiplication is many times faster than a division, and as exact where count is a power of two. */
static void prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  coef[0] = (float)(1 / gm_grad_average_f32_read(frame).count);
}

GM_INLINE void step(const gm_grad_average_f32_args *a, const float *coef, size_t i, size_t count) {
  v_store(a->grads + i, v_mul(v_set(coef[0]), v_load(a->grads + i, count)), count);
}

GM_ELEMENTWISE(grad_average, f32, prepare, step);
