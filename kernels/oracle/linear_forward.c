#define GM_ROW "row/linear_forward.def"
#include "oracle/sum_of_products.h"

struct activated {
  double value;
  double slope; /* the steepest within `reach` of x; both functions are steepest at 0 and symmetric */
};

static struct activated sigmoid(double x, double reach) {
  const double e = exp(-fmax(fabs(x) - reach, 0));
  return (struct activated){x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x)), e / ((1 + e) * (1 + e))};
}

static struct activated hyperbolic_tangent(double x, double reach) {
  const double cosine = cosh(fmax(fabs(x) - reach, 0));
  return (struct activated){tanh(x), 1 / (cosine * cosine)};
}

/* The sum's error, up to 2^-24 of its scale per rounding, reaches the output by the slope; the function adds up to 2
 * ulp, 4 units of 2^-24. In a unit that may be as small as 2^-24 of the scale, 0.67 are allowed per rounding and there
 * are at least two: so what the output's error is counted in is 1.5 times the former and 2 / 1.33 = 1.5 times twice the
 * latter. */
static struct sum activated(struct activated f, double scale) {
  return (struct sum){f.value, 1.5 * (f.slope * scale + 2 * fabs(f.value))};
}

static struct sum activate(struct sum s, enum gm_activation activation, double depth) {
  const double reach = depth * s.scale * 0x1p-23;
  if (s.scale == GM_OVERFLOWS) return s;
  switch (activation) {
    case GM_IDENTITY: break;
    case GM_RELU: s.value = isnan(s.value) || s.value > 0 ? s.value : 0; break;
    case GM_SIGMOID: return activated(sigmoid(s.value, reach), s.scale);
    case GM_TANH: return activated(hyperbolic_tangent(s.value, reach), s.scale);
  }
  return s;
}

GM_ORACLE(linear_forward, f32) {
  const gm_linear_forward_f32_args a = gm_linear_forward_f32_read(before);
  const gm_linear_forward_f32_doubles value = gm_linear_forward_f32_of(out->value),
                                      scale = gm_linear_forward_f32_of(out->scale);
  for (size_t b = 0; b < a.batch; b++)
    for (size_t o = 0; o < a.out; o++) {
      struct sum s = sum_of_products(a.bias[o], a.in, a.inputs + b * a.in, 1, a.weights + o * a.in, 1);
      s = activate(s, (enum gm_activation)a.activation, gm_sum_depth(a.in) + 1);
      value.outputs[b * a.out + o] = s.value, scale.outputs[b * a.out + o] = s.scale;
    }
}
