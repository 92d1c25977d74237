#define GM_ROW "row/relu_backward.def"
#include "activation/backward.h"

/* Below the least float there is nothing above 0; a NaN is not below it, as in PyTorch not below the threshold. */
GM_INLINE v_f32 derivative(v_f32 dy, v_f32 y) { return v_unless(v_less(y, v_set(0x1p-149f)), dy); }

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)coef, (void)scratch;
  const gm_relu_backward_f32_args a = gm_relu_backward_f32_read(frame);
  backward_loop(derivative, a.output_grads, a.outputs, a.input_grads, begin, end);
  return 0;
}

GM_BODY(relu_backward, f32) = {.run = run};
