#include "body.h"

/* Three products; a tile is ROWS rows of one of them. Every element is one chain of fused multiply-adds in the order of
 * the summed index, so that its bits depend on nothing else. */
enum { ROWS = 4 };

static size_t divide_up(size_t a, size_t b) { return (a + b - 1) / b; }

static size_t tiles(const gm_frame *frame) {
  const gm_linear_backward_f32_args a = gm_linear_backward_f32_read(frame);
  return divide_up(a.batch, ROWS) + divide_up(a.out, ROWS);
}

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)coef, (void)scratch;
  const gm_linear_backward_f32_args a = gm_linear_backward_f32_read(frame);
  const size_t first = divide_up(a.batch, ROWS);
  for (size_t t = begin; t < end; t++) {
    if (t < first) {
      for (size_t b = t * ROWS; b < (t + 1) * ROWS && b < a.batch; b++)
        for (size_t i = 0; i < a.in; i += V_WIDTH) {
          size_t c = a.in - i < V_WIDTH ? a.in - i : V_WIDTH;
          v_f32 s = v_zero();
          for (size_t o = 0; o < a.out; o++)
            s = v_fma(v_set(a.output_grads[b * a.out + o]), v_load(a.weights + o * a.in + i, c), s);
          v_store(a.input_grads + b * a.in + i, s, c);
        }
    } else {
      for (size_t o = (t - first) * ROWS; o < (t - first + 1) * ROWS && o < a.out; o++) {
        for (size_t i = 0; i < a.in; i += V_WIDTH) {
          size_t c = a.in - i < V_WIDTH ? a.in - i : V_WIDTH;
          v_f32 s = v_load(a.weight_grads + o * a.in + i, c);
          for (size_t b = 0; b < a.batch; b++)
            s = v_fma(v_set(a.output_grads[b * a.out + o]), v_load(a.inputs + b * a.in + i, c), s);
          v_store(a.weight_grads + o * a.in + i, s, c);
        }
        for (size_t b = 0; b < a.batch; b++) a.bias_grads[o] += a.output_grads[b * a.out + o];
      }
    }
  }
  return 0;
}

GM_BODY(linear_backward, f32) = {.run = run, .tiles = tiles};
