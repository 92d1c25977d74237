/* The product that all ops of this family are made of: C (m x n) = or += A (m x k) B (k x n). */
#ifndef GM_LINEAR_PRODUCT_H
#define GM_LINEAR_PRODUCT_H

#include <stdbool.h>
#include <stddef.h>

struct product;

/* What remains to be done with rows i0 .. i1 and columns j0 .. j1 of C, once all terms are in them. */
typedef void finish_body(const struct product *product, size_t i0, size_t i1, size_t j0, size_t j1);

struct product {
  size_t m, n, k;
  const float *a;
  size_t a_row, a_col; /* element (i, l) of A is a[i * a_row + l * a_col]; one of the two is 1 */
  const float *b;
  size_t b_row, b_col; /* element (l, j) of B is b[l * b_row + j * b_col]; one of the two is 1 */
  float *c;            /* row-major and dense */
  bool accumulate;     /* C is added to; else what it held is not looked at */
  bool share_rows;     /* threads have rows of C, and read all of B; else columns, and all of A */
  finish_body *finish; /* or NULL */
  const void *finish_with;
};

/* Rows i0 .. i1 and columns j0 .. j1 of C, terms l0 .. l1 of k. */
struct block {
  size_t i0, i1, j0, j1, l0, l1;
};

#endif
