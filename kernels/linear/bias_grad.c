#define GM_ROW "row/bias_grad.def"
#include "body.h"
#include "linear/column_sums.h"
#include "linear/counts.h"

enum { TILE = 16 }; /* columns: threads never share a cache line */

static size_t tiles(const gm_frame *frame) { return divide_up(gm_bias_grad_f32_read(frame).out, TILE); }

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)coef, (void)scratch;
  const gm_bias_grad_f32_args a = gm_bias_grad_f32_read(frame);
  column_sums(a.output_grads, a.batch, a.out, a.bias_grads, a.accumulate != 0, begin * TILE, least(a.out, end * TILE));
  return 0;
}

GM_BODY(bias_grad, f32) = {.run = run, .tiles = tiles};
