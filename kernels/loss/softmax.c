#define GM_ROW "row/softmax.def"
#include "loss/softmax_row.h"

static void prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  coef[0] = (float)(1 / gm_softmax_f32_read(frame).temperature);
}

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)scratch;
  const gm_softmax_f32_args a = gm_softmax_f32_read(frame);
  float on_stack[LANE_SHORT];
  for (size_t r = begin; r < end; r++) {
    double sum;
    struct softmax_row row =
        softmax_tempered_row(a.logits, a.probabilities, r, a.rows, a.cols, coef[0], on_stack, &sum);
    row.scale = (float)(1 / sum);
    lane_loop(softmax_scale, &row, 0, a.cols);
  }
  return 0;
}

GM_BODY(softmax, f32) = {.prepare = prepare, .run = run};
