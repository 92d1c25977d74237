/* Two products and the sums of columns:
 *   input_grads   =  output_grads    weights   m = batch, k = out
 *   weight_grads  += output_grads^T  inputs    m = out,   k = batch */
#define GM_ROW "row/linear_backward.def"
#include "body.h"
#include "linear/column_sums.h"
#include "linear/multiply.h"

static struct product input_product(const gm_linear_backward_f32_args *a) {
  return (struct product){.m = a->batch,
                          .n = a->in,
                          .k = a->out,
                          .a = a->output_grads,
                          .a_row = a->out,
                          .a_col = 1,
                          .b = a->weights,
                          .b_row = a->in,
                          .b_col = 1,
                          .c = a->input_grads};
}

/* Threads share the rows: as they share the elements of the step that follows. */
static struct product weight_product(const gm_linear_backward_f32_args *a) {
  return (struct product){.m = a->out,
                          .n = a->in,
                          .k = a->batch,
                          .a = a->output_grads,
                          .a_row = 1,
                          .a_col = a->out,
                          .b = a->inputs,
                          .b_row = a->in,
                          .b_col = 1,
                          .c = a->weight_grads,
                          .accumulate = a->accumulate != 0,
                          .share_rows = true};
}

/* Both products are the same number of multiply-adds: of each, tile t of T has the units from share(units, T, t) on,
 * none or a few. */
static size_t count_tiles(const gm_linear_backward_f32_args *a) {
  const struct product x = input_product(a), w = weight_product(a);
  return largest(units(&x), units(&w));
}

static size_t tiles(const gm_frame *frame) {
  const gm_linear_backward_f32_args a = gm_linear_backward_f32_read(frame);
  return count_tiles(&a);
}

static size_t scratch_bytes(const gm_frame *frame) {
  const gm_linear_backward_f32_args a = gm_linear_backward_f32_read(frame);
  const struct product x = input_product(&a), w = weight_product(&a);
  return largest(scratch_of(&x), scratch_of(&w));
}

static void multiply_tiles(const struct product *p, size_t begin, size_t end, size_t tiles, float *memory) {
  const struct scratch s = scratch_in(memory, p);
  multiply_units(p, share(units(p), tiles, begin), share(units(p), tiles, end), &s);
}

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *memory) {
  (void)coef;
  const gm_linear_backward_f32_args a = gm_linear_backward_f32_read(frame);
  const struct product x = input_product(&a), w = weight_product(&a);
  const size_t all = count_tiles(&a);
  multiply_tiles(&x, begin, end, all, memory);
  multiply_tiles(&w, begin, end, all, memory);
  column_sums(a.output_grads, a.batch, a.out, a.bias_grads, a.accumulate != 0, share(a.out, all, begin),
              share(a.out, all, end));
  return 0;
}

GM_BODY(linear_backward, f32) = {.run = run, .tiles = tiles, .scratch_bytes = scratch_bytes};
