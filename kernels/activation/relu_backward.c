#define GM_ROW "row/relu_backward.def"
#include "activation/backward.h"

GM_INLINE v_f32 derivative(v_f32 dy, v_f32 y) {
  const v_f32 at_nan = v_select(v_is_nan(y), dy, v_zero()); /* as in PyTorch, where a NaN is not below the threshold */
  return v_select(v_less(v_zero(), y), dy, at_nan);
}

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)coef, (void)scratch;
  const gm_relu_backward_f32_args a = gm_relu_backward_f32_read(frame);
  backward_loop(derivative, a.output_grads, a.outputs, a.input_grads, begin, end);
  return 0;
}

GM_BODY(relu_backward, f32) = {.run = run};
