#define GM_ROW "row/tanh.def"
#include "activation/forward.h"

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)coef, (void)scratch;
  const gm_tanh_f32_args a = gm_tanh_f32_read(frame);
  forward_loop(v_tanh, a.inputs, a.outputs, begin, end);
  return 0;
}

GM_BODY(tanh, f32) = {.run = run};
