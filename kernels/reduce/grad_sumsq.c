#define GM_ROW "row/grad_sumsq.def"
#include "reduce/sum_of_squares.h"

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)coef, (void)scratch;
  return sum_of_squares(gm_grad_sumsq_f32_read(frame).grads, begin, end);
}

GM_BODY(grad_sumsq, f32) = {.run = run};
