/* A look at every element of a matrix at once, after Freivalds (1977): C x is held against A (B x), for a vector x of
 * random signs, which takes no more than a look at each matrix. A sum over a row of C is wrong where one element of it
 * is, by as much. */
#ifndef GRADMARK_RANDOM_PRODUCT_H
#define GRADMARK_RANDOM_PRODUCT_H

#include <stdbool.h>
#include <stddef.h>

#include "by_name.h"
#include "random.h"
#include "verify/judge.h"

struct random_product {
  const gm_op *op;
  int stream; /* C */
  size_t rows, columns;
  double *vector; /* x */
  double *value;  /* of C x */
  double *unit;   /* per row: of an element, the largest magnitudes that its terms can add up to */
};

/* Can stream `k` be looked at so? It is a matrix, and what is summed is not changed afterwards. */
bool random_product_is_for(const gm_op *op, int k, const gm_frame *before);

/* False without memory. */
bool random_product_open(struct random_product *product, const gm_op *op, int k, const gm_frame *before,
                         struct random *random);
void random_product_close(struct random_product *product);

bool random_product_holds(const struct random_product *product, const gm_impl *impl, const gm_frame *after,
                          char description[JUDGE_SENTENCE]);

#endif
