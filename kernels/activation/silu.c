#include "activation/forward.h"
#include "activation/gated.h"

GM_INLINE v_f32 silu(v_f32 x) { return gated(x, x); }

GM_INLINE void step(const void *job, size_t i, size_t count) { forward_step(silu, job, i, count); }

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)coef, (void)scratch;
  const gm_silu_f32_args a = gm_silu_f32_read(frame);
  const struct forward job = {a.inputs, a.outputs};
  lane_loop(step, &job, begin, end);
  return 0;
}

GM_BODY(silu, f32) = {.run = run};
