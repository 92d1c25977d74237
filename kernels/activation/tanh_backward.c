#define GM_ROW "row/tanh_backward.def"
#include "activation/backward.h"

GM_INLINE v_f32 derivative(v_f32 dy, v_f32 y) { return v_mul(dy, v_fnma(y, y, v_set(1.0f))); }

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)coef, (void)scratch;
  const gm_tanh_backward_f32_args a = gm_tanh_backward_f32_read(frame);
  backward_loop(derivative, a.output_grads, a.outputs, a.input_grads, begin, end);
  return 0;
}

GM_BODY(tanh_backward, f32) = {.run = run};
