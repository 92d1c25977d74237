#define GM_ROW "row/sigmoid.def"
#include "activation/forward.h"

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)coef, (void)scratch;
  const gm_sigmoid_f32_args a = gm_sigmoid_f32_read(frame);
  forward_loop(v_sigmoid, a.inputs, a.outputs, begin, end);
  return 0;
}

GM_BODY(sigmoid, f32) = {.run = run};
