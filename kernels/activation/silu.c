#define GM_ROW "row/silu.def"
#include "activation/forward.h"
#include "activation/gated.h"

GM_INLINE v_f32 silu(v_f32 x) { return gated(x, x); }

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)coef, (void)scratch;
  const gm_silu_f32_args a = gm_silu_f32_read(frame);
  forward_loop(silu, a.inputs, a.outputs, begin, end);
  return 0;
}

GM_BODY(silu, f32) = {.run = run};
