/* What the oracles of activations share. */
#ifndef GM_ACTIVATION_ORACLE_H
#define GM_ACTIVATION_ORACLE_H

#include "oracle/oracle_op.h"

/* 1 / (1 + e^-x) without a cancellation or an overflow on its way. */
static inline double sigmoid_oracle(double x) { return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x)); }

/* The scale of a positive x that f32 keeps on the way: below FLT_MIN its spacing stays what it is there; of what is
 * less than half of that nothing is left, which is off by x itself. */
static inline double digits_scale(double x) { return fmax(x, fmin(x * 0x1p24, FLT_MIN)); }

static inline double sigmoid_scale(double x) { return digits_scale(sigmoid_oracle(x)); }

/* output_grad times the derivative, which is a sum of terms up to `terms`. An infinite gradient times what f32 cannot
 * tell from zero, or from either sign, may end in anything. */
static inline void gradient_oracle(double output_grad, double derivative, double terms, double *value, double *scale) {
  const bool may_be_zero = fabs(derivative) <= 0x1p-16 * fmax(terms, FLT_MIN);
  *value = output_grad * derivative;
  *scale = isinf(output_grad) && may_be_zero ? GM_OVERFLOWS : fabs(output_grad) * terms;
}

/* x sigmoid(v). A v that is `rounded` is off by some units in its last place: the sigmoid then moves by |v| (1 -
 * sigmoid) such units. In units of 2^-24 of the value, v is off by up to 5 (two coefficients, a square, a multiply-add,
 * a product), the sigmoid itself by 2.5, each further rounding by 1. */
static inline void gated_oracle(double x, double v, bool rounded, double *value, double *scale) {
  const double moved = isfinite(v) && rounded ? fabs(v) * sigmoid_oracle(-v) : 0;
  *value = x * sigmoid_oracle(v);
  *scale = fabs(x) * sigmoid_scale(v) * (1 + moved);
}

/* output_grad d/dx (x sigmoid(v)) = output_grad (s + x s (1 - s) v'), v' = `slope`. */
static inline void gated_backward_oracle(double output_grad, double x, double v, double slope, bool rounded,
                                         double *value, double *scale) {
  const double s = sigmoid_oracle(v), c = sigmoid_oracle(-v), moved = isfinite(v) && rounded ? fabs(v) : 0;
  const double first = sigmoid_scale(v) * (1 + moved * c);
  const double second = fabs(x) * sigmoid_scale(v) * c * slope * (1 + moved);
  gradient_oracle(output_grad, s + x * s * (c * slope), fmax(first, second), value, scale);
}

#endif
