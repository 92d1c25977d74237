/* What the oracle says of a call that is too large to be held against it as a whole: of a sample of what it writes, of
 * every element of a matrix at once, and of its result. Made before the call, for every implementation of the op that
 * is called on the same numbers. */
#ifndef GRADMARK_EXPECTED_H
#define GRADMARK_EXPECTED_H

#include <stdbool.h>
#include <stddef.h>

#include "by_name.h"
#include "random.h"
#include "verify/judge.h"

/* Which of very many elements, rows or columns are looked at. */
struct sample {
  size_t *index; /* ascending, each once */
  size_t count, capacity;
};
/* Adds begin .. end-1; false without memory. */
bool sample_add(struct sample *sample, size_t begin, size_t end);
void sample_free(struct sample *sample);

/* A look at every element of a matrix at once, after Freivalds (1977): C x is held against A (B x), for a vector x of
 * random signs, which takes no more than a look at each matrix. A sum over a row of C is wrong where one element of it
 * is, by as much. */
struct random_product {
  const gm_op *op;
  int stream; /* C */
  size_t rows, columns;
  double *vector; /* x */
  double *value;  /* of C x */
  double *unit;   /* per row: of an element, the largest magnitudes that its terms can add up to */
};

struct expected_part {
  int stream;
  size_t count;
  size_t *at; /* places in the stream */
  double *value, *scale;
};

struct expected {
  const gm_op *op; /* no list: its tensors lie end to end, as one */
  struct expected_part part[GM_MAX_STREAMS];
  int parts;
  struct random_product product[GM_MAX_STREAMS];
  int products;
  double result, result_scale; /* over the whole; NaN where the op has none */
};

/* `border` are the elements, or rows, where the part of a thread, or a tensor, begins. Where a call that does nothing
 * at all would be right, `before` gets the second hyperparameters: what is called must have those that it then has.
 * False without memory. */
bool expected_open(struct expected *expected, const gm_op *op, gm_frame *before, const struct sample *border,
                   struct random *random);
void expected_close(struct expected *expected);

/* Is what the implementation wrote right? Of the first that is not `description` says what is wrong. */
bool expected_holds(const struct expected *expected, const gm_impl *impl, const gm_frame *after,
                    char description[JUDGE_SENTENCE]);

#endif
