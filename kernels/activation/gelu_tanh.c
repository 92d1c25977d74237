#define GM_ROW "row/gelu_tanh.def"
#include "activation/gelu_tanh.h"
#include "activation/forward.h"

GM_INLINE v_f32 gelu(v_f32 x) { return gated(x, gelu_exponent(x, gelu_square(x))); }

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)coef, (void)scratch;
  const gm_gelu_tanh_f32_args a = gm_gelu_tanh_f32_read(frame);
  forward_loop(gelu, a.inputs, a.outputs, begin, end);
  return 0;
}

GM_BODY(gelu_tanh, f32) = {.run = run};
