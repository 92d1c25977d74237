#include "activation/gelu_erf.h"
#include "activation/forward.h"

GM_INLINE v_f32 gelu(v_f32 x) { return v_mul(v_mul(v_set(0.5f), x), twice_normal(x)); }

GM_INLINE void step(const void *job, size_t i, size_t count) { forward_step(gelu, job, i, count); }

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)coef, (void)scratch;
  const gm_gelu_erf_f32_args a = gm_gelu_erf_f32_read(frame);
  const struct forward job = {a.inputs, a.outputs};
  lane_loop(step, &job, begin, end);
  return 0;
}

GM_BODY(gelu_erf, f32) = {.run = run};
