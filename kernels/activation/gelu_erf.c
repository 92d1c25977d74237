#define GM_ROW "row/gelu_erf.def"
#include "activation/gelu_erf.h"
#include "activation/forward.h"

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)coef, (void)scratch;
  const gm_gelu_erf_f32_args a = gm_gelu_erf_f32_read(frame);
  forward_loop(v_gelu_erf, a.inputs, a.outputs, begin, end);
  return 0;
}

GM_BODY(gelu_erf, f32) = {.run = run};
