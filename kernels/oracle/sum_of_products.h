/* A sum of terms; its scale is the sum of their magnitudes. */
#ifndef GM_ORACLE_SUM_OF_PRODUCTS_H
#define GM_ORACLE_SUM_OF_PRODUCTS_H

#include "oracle/oracle_op.h"

struct sum {
  double value, scale;
};

/* start + sum over l of x[l * x_step] y[l * y_step]; y may be NULL for ones. The formula has no order: where the terms
 * of one sign alone are more than f32 holds, a kernel may pass through infinity, unless that is where the sum ends
 * anyway. */
static inline struct sum sum_of_products(double start, size_t terms, const float *x, size_t x_step, const float *y,
                                         size_t y_step) {
  struct sum sum = {0 + start, fabs(start)};
  for (size_t l = 0; l < terms; l++) {
    const double term = (double)x[l * x_step] * (y ? (double)y[l * y_step] : 1.0);
    sum.value += term, sum.scale += fabs(term);
  }
  if (sum.scale <= FLT_MAX) return sum;
  double up = 0, down = 0; /* of the finite terms */
  for (size_t l = 0; l <= terms; l++) {
    const double term = l == terms ? start : (double)x[l * x_step] * (y ? (double)y[l * y_step] : 1.0);
    if (isfinite(term)) up += fmax(term, 0), down += fmax(-term, 0);
  }
  sum.scale = up + down;
  const bool ends_there = isfinite(sum.value) && fabs(sum.value) > FLT_MAX && !gm_overflows(fmin(up, down));
  if (gm_overflows(fmax(up, down)) && !ends_there) sum.scale = GM_OVERFLOWS;
  return sum;
}

#endif
