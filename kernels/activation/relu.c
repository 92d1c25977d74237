#define GM_ROW "row/relu.def"
#include "activation/forward.h"

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)coef, (void)scratch;
  const gm_relu_f32_args a = gm_relu_f32_read(frame);
  forward_loop(v_relu, a.inputs, a.outputs, begin, end);
  return 0;
}

GM_BODY(relu, f32) = {.run = run};
