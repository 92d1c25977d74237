/* A sum of terms; its scale is the sum of their magnitudes. */
#ifndef GM_ORACLE_SUM_OF_PRODUCTS_H
#define GM_ORACLE_SUM_OF_PRODUCTS_H

#include "oracle/oracle_op.h"

struct sum {
  double value, scale;
};

static inline void add_term(struct sum *sum, double term) {
  sum->value += term;
  const bool overflows =
      (isfinite(term) && fabs(term) > FLT_MAX) || (isfinite(sum->value) && fabs(sum->value) > FLT_MAX);
  if (overflows || sum->scale == GM_OVERFLOWS)
    sum->scale = GM_OVERFLOWS;
  else if (isfinite(term))
    sum->scale += fabs(term);
}

/* start + sum over l of x[l * x_step] y[l * y_step]; y may be NULL for ones. Where the magnitudes alone add up to no
 * more than f32 holds, no term and no sum on the way was larger, or NaN: then there was nothing to look out for. */
static inline struct sum sum_of_products(double start, size_t terms, const float *x, size_t x_step, const float *y,
                                         size_t y_step) {
  struct sum sum = {0 + start, fabs(start)}, careful = {0, 0};
  for (size_t l = 0; l < terms; l++) {
    const double term = (double)x[l * x_step] * (y ? (double)y[l * y_step] : 1.0);
    sum.value += term, sum.scale += fabs(term);
  }
  if (sum.scale <= FLT_MAX) return sum;
  add_term(&careful, start);
  for (size_t l = 0; l < terms; l++) add_term(&careful, (double)x[l * x_step] * (y ? (double)y[l * y_step] : 1.0));
  return careful;
}

#endif
