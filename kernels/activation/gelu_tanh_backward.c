#define GM_ROW "row/gelu_tanh_backward.def"
#include "activation/backward.h"
#include "activation/gelu_tanh.h"

GM_INLINE v_f32 derivative(v_f32 dy, v_f32 x) {
  const v_f32 square = gelu_square(x);
  v_f32 complement;
  const v_f32 s = v_sigmoid_and_complement(gelu_exponent(x, square), &complement);
  return gated_backward(dy, x, s, v_mul(complement, gelu_slope(square)));
}

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)coef, (void)scratch;
  const gm_gelu_tanh_backward_f32_args a = gm_gelu_tanh_backward_f32_read(frame);
  backward_loop(derivative, a.output_grads, a.inputs, a.input_grads, begin, end);
  return 0;
}

GM_BODY(gelu_tanh_backward, f32) = {.run = run};
