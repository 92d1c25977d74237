/* Two products and the sums of columns:
 *   input_grads   =  output_grads    weights   m = batch, k = out
 *   weight_grads  += output_grads^T  inputs    m = out,   k = batch */
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
                          .accumulate = a->accumulate != 0};
}

/* Both products are the same number of multiply-adds, so each is the same number of tiles: tile t of T has the units
 * from share(units, T, t) on, none or a few. */
static size_t tiles_each(const gm_linear_backward_f32_args *a) {
  const struct product x = input_product(a), w = weight_product(a);
  return largest(units(&x), units(&w));
}

static size_t tiles(const gm_frame *frame) {
  const gm_linear_backward_f32_args a = gm_linear_backward_f32_read(frame);
  return 2 * tiles_each(&a);
}

static size_t scratch_bytes(const gm_frame *frame) {
  const gm_linear_backward_f32_args a = gm_linear_backward_f32_read(frame);
  const struct product x = input_product(&a), w = weight_product(&a);
  return largest(scratch_of(&x), scratch_of(&w));
}

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *memory) {
  (void)coef;
  const gm_linear_backward_f32_args a = gm_linear_backward_f32_read(frame);
  const struct product x = input_product(&a), w = weight_product(&a);
  const size_t each = tiles_each(&a);
  if (begin < each) {
    const struct scratch s = scratch_in(memory, &x);
    multiply_units(&x, share(units(&x), each, begin), share(units(&x), each, least(end, each)), &s);
  }
  if (end > each) {
    const struct scratch s = scratch_in(memory, &w);
    const size_t first = largest(begin, each) - each, last = end - each;
    multiply_units(&w, share(units(&w), each, first), share(units(&w), each, last), &s);
    column_sums(a.output_grads, a.batch, a.out, a.bias_grads, a.accumulate != 0, share(a.out, each, first),
                share(a.out, each, last));
  }
  return 0;
}

GM_BODY(linear_backward, f32) = {.run = run, .tiles = tiles, .scratch_bytes = scratch_bytes};
