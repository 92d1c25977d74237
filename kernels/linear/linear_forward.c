/* outputs = inputs weights^T (m = batch, k = in), then the bias and the activation. */
#define GM_ROW "row/linear_forward.def"
#include "body.h"
#include "lane/math.h"
#include "linear/multiply_transposed.h"

GM_INLINE v_f32 activate(v_f32 x, enum gm_activation activation) {
  switch (activation) {
    case GM_IDENTITY: break;
    case GM_RELU: return v_max(v_zero(), x);
    case GM_SIGMOID: return v_sigmoid(x);
    case GM_TANH: return v_tanh(x);
  }
  return x;
}

GM_INLINE void add_and_activate(const struct product *p, size_t i0, size_t i1, size_t j0, size_t j1,
                                enum gm_activation activation) {
  const gm_linear_forward_f32_args *args = p->finish_with;
  const float *bias = args->bias;
  for (size_t i = i0; i < i1; i++) {
    float *row = p->c + i * p->n;
    for (size_t j = j0; j < j1; j += V_WIDTH) {
      const v_f32 sum = v_add(v_load(row + j, j1 - j), v_load(bias + j, j1 - j));
      v_store(row + j, activate(sum, activation), j1 - j);
    }
  }
}

static void finish(const struct product *p, size_t i0, size_t i1, size_t j0, size_t j1) {
  const gm_linear_forward_f32_args *args = p->finish_with;
  switch ((enum gm_activation)args->activation) {
    case GM_IDENTITY: add_and_activate(p, i0, i1, j0, j1, GM_IDENTITY); break;
    case GM_RELU: add_and_activate(p, i0, i1, j0, j1, GM_RELU); break;
    case GM_SIGMOID: add_and_activate(p, i0, i1, j0, j1, GM_SIGMOID); break;
    case GM_TANH: add_and_activate(p, i0, i1, j0, j1, GM_TANH); break;
  }
}

static struct product output_product(const gm_linear_forward_f32_args *a) {
  return (struct product){.m = a->batch,
                          .n = a->out,
                          .k = a->in,
                          .a = a->inputs,
                          .a_row = a->in,
                          .a_col = 1,
                          .b = a->weights,
                          .b_row = 1,
                          .b_col = a->in,
                          .c = a->outputs,
                          .finish = finish,
                          .finish_with = a};
}

static size_t tiles(const gm_frame *frame) {
  const gm_linear_forward_f32_args a = gm_linear_forward_f32_read(frame);
  const struct product y = output_product(&a);
  return is_better_transposed(&y) ? transposed_units(&y) : units(&y);
}

static size_t scratch_bytes(const gm_frame *frame) {
  const gm_linear_forward_f32_args a = gm_linear_forward_f32_read(frame);
  const struct product y = output_product(&a);
  return is_better_transposed(&y) ? transposed_scratch(&y) : scratch_of(&y);
}

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *memory) {
  (void)coef;
  const gm_linear_forward_f32_args a = gm_linear_forward_f32_read(frame);
  const struct product y = output_product(&a);
  if (is_better_transposed(&y)) {
    multiply_transposed_units(&y, begin, end, memory);
  } else {
    const struct scratch s = scratch_in(memory, &y);
    multiply_units(&y, begin, end, &s);
  }
  return 0;
}

GM_BODY(linear_forward, f32) = {.run = run, .tiles = tiles, .scratch_bytes = scratch_bytes};
