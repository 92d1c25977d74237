/* weight_grads = or += output_grads^T inputs (m = out, k = batch), and the sums of columns. */
#define GM_ROW "row/linear_backward_params.def"
#include "body.h"
#include "linear/column_sums.h"
#include "linear/multiply.h"

/* Threads share the rows: as they share the elements of the step that follows. */
static struct product weight_product(const gm_frame *frame) {
  const gm_linear_backward_params_f32_args a = gm_linear_backward_params_f32_read(frame);
  return (struct product){.m = a.out,
                          .n = a.in,
                          .k = a.batch,
                          .a = a.output_grads,
                          .a_row = 1,
                          .a_col = a.out,
                          .b = a.inputs,
                          .b_row = a.in,
                          .b_col = 1,
                          .c = a.weight_grads,
                          .accumulate = a.accumulate != 0,
                          .share_rows = true};
}

static size_t tiles(const gm_frame *frame) {
  const struct product w = weight_product(frame);
  return units(&w);
}

static size_t scratch_bytes(const gm_frame *frame) {
  const struct product w = weight_product(frame);
  return scratch_of(&w);
}

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *memory) {
  (void)coef;
  const gm_linear_backward_params_f32_args a = gm_linear_backward_params_f32_read(frame);
  const struct product w = weight_product(frame);
  const struct scratch s = scratch_in(memory, &w);
  const size_t all = units(&w);
  multiply_units(&w, begin, end, &s);
  column_sums(a.output_grads, a.batch, a.out, a.bias_grads, a.accumulate != 0, share(a.out, all, begin),
              share(a.out, all, end));
  return 0;
}

GM_BODY(linear_backward_params, f32) = {.run = run, .tiles = tiles, .scratch_bytes = scratch_bytes};
