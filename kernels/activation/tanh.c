#include "activation/forward.h"

GM_INLINE void step(const void *job, size_t i, size_t count) { forward_step(v_tanh, job, i, count); }

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)coef, (void)scratch;
  const gm_tanh_f32_args a = gm_tanh_f32_read(frame);
  const struct forward job = {a.inputs, a.outputs};
  lane_loop(step, &job, begin, end);
  return 0;
}

GM_BODY(tanh, f32) = {.run = run};
