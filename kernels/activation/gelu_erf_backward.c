#define GM_ROW "row/gelu_erf_backward.def"
#include "activation/backward.h"
#include "activation/gelu_erf.h"

GM_INLINE v_f32 derivative(v_f32 dy, v_f32 x) { return v_mul(dy, v_gelu_erf_slope(x)); }

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)coef, (void)scratch;
  const gm_gelu_erf_backward_f32_args a = gm_gelu_erf_backward_f32_read(frame);
  backward_loop(derivative, a.output_grads, a.inputs, a.input_grads, begin, end);
  return 0;
}

GM_BODY(gelu_erf_backward, f32) = {.run = run};
