#define GM_ROW "row/gelu_erf_backward.def"
#include "oracle/activation_oracle.h"

GM_ORACLE(gelu_erf_backward, f32) {
  const gm_gelu_erf_backward_f32_args a = gm_gelu_erf_backward_f32_read(before);
  const gm_gelu_erf_backward_f32_doubles value = gm_gelu_erf_backward_f32_of(out->value),
                                         scale = gm_gelu_erf_backward_f32_of(out->scale);
  for (size_t i = 0; i < a.n; i++) {
    const double x = a.inputs[i], x_density = x * (0.5 * M_2_SQRTPI * M_SQRT1_2 * exp(-0.5 * x * x));
    const double normal = 0.5 * erfc(-x * M_SQRT1_2), terms = fmax(normal, fabs(x_density));
    gradient_oracle(a.output_grads[i], normal + x_density, digits_scale(terms), &value.input_grads[i],
                    &scale.input_grads[i]);
  }
}
