#define GM_ROW "row/sigmoid_backward.def"
#include "activation/backward.h"

GM_INLINE v_f32 derivative(v_f32 dy, v_f32 outputs) {
  const v_f32 y = v_hold(outputs);
  return v_mul(dy, v_mul(y, v_sub(v_set(1.0f), y)));
}

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)coef, (void)scratch;
  const gm_sigmoid_backward_f32_args a = gm_sigmoid_backward_f32_read(frame);
  backward_loop(derivative, a.output_grads, a.outputs, a.input_grads, begin, end);
  return 0;
}

GM_BODY(sigmoid_backward, f32) = {.run = run};
