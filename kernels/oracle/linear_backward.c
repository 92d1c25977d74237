#include "oracle/oracle_op.h"

/* A sum of products; its scale is the sum of their magnitudes. */
struct sum {
  double value, scale;
};

static void add(struct sum *sum, double term) {
  sum->value += term;
  const bool overflows =
      (isfinite(term) && fabs(term) > FLT_MAX) || (isfinite(sum->value) && fabs(sum->value) > FLT_MAX);
  if (overflows || sum->scale == GM_OVERFLOWS)
    sum->scale = GM_OVERFLOWS;
  else if (isfinite(term))
    sum->scale += fabs(term);
}

GM_ORACLE(linear_backward, f32) {
  const gm_linear_backward_f32_args a = gm_linear_backward_f32_read(before);
  const gm_linear_backward_f32_doubles value = gm_linear_backward_f32_of(out->value),
                                       scale = gm_linear_backward_f32_of(out->scale);
  for (size_t b = 0; b < a.batch; b++)
    for (size_t i = 0; i < a.in; i++) {
      struct sum s = {0, 0};
      for (size_t o = 0; o < a.out; o++) add(&s, (double)a.output_grads[b * a.out + o] * a.weights[o * a.in + i]);
      value.input_grads[b * a.in + i] = s.value, scale.input_grads[b * a.in + i] = s.scale;
    }
  for (size_t o = 0; o < a.out; o++) {
    for (size_t i = 0; i < a.in; i++) {
      struct sum s = {0, 0};
      add(&s, a.weight_grads[o * a.in + i]);
      for (size_t b = 0; b < a.batch; b++) add(&s, (double)a.output_grads[b * a.out + o] * a.inputs[b * a.in + i]);
      value.weight_grads[o * a.in + i] = s.value, scale.weight_grads[o * a.in + i] = s.scale;
    }
    struct sum s = {0, 0};
    add(&s, a.bias_grads[o]);
    for (size_t b = 0; b < a.batch; b++) add(&s, a.output_grads[b * a.out + o]);
    value.bias_grads[o] = s.value, scale.bias_grads[o] = s.scale;
  }
}
