/* The cases that an implementation is proved on: sizes, places in memory, hyperparameters and data. */
#ifndef GRADMARK_CASES_H
#define GRADMARK_CASES_H

#include <stdbool.h>
#include <stddef.h>

#include "by_name.h"
#include "random.h"

enum { CASES_MAX_TENSORS = 1100, CASES_WIDEST = 16 /* floats in the widest vector */ };

enum edge { EDGE_END, EDGE_BEGIN }; /* arrays end, or begin, at an inaccessible page */

/* Data. */
enum fill {
  FILL_MODERATE,   /* of the sizes that training sees: 2^-12 .. 2^4, both signs */
  FILL_SCALES,     /* 2^-40 .. 2^40, both signs */
  FILL_INTEGERS,   /* -8 .. 8: sums and products are exact in every order */
  FILL_SPECIAL,    /* one in four is NaN, an infinity, a zero, subnormal, huge; the others moderate */
  FILL_EXTREMES,   /* one in two is zero, subnormal, near the smallest normal, or huge; all finite */
  FILL_ZERO_GRADS, /* moderate, and the streams that are only read all zero */
  FILL_COUNT
};

struct proof_case {
  size_t size[GM_MAX_SIZES]; /* of a list: the number of tensors */
  size_t offset;             /* elements between the edge and the array */
  enum edge edge;
  enum fill fill;
  bool other_hypers; /* the row's second values */
  int choice;        /* from 1: that value of a hyperparameter of few values, counted from its lowest; 0 for none */
  int steps;         /* from the same state, with `step` counting */
  int threads;
  bool pinned; /* its output bits go into the hash */
};

/* Calls `visit` for each case of an op, until it returns false. */
typedef bool visit_case(void *context, const struct proof_case *proof_case);
void cases_visit(const gm_op *op, visit_case *visit, void *context);

/* How many values a hyperparameter has, if it is a choice among more than the two that its row names; else 0. */
int cases_choices(const gm_hyper *hyper);

/* "n 1003", "rows 3, cols 20": the sizes of a call by their names. */
enum { CASES_SIZES = 64 };
void cases_sizes(char text[CASES_SIZES], const gm_op *op, const size_t *size);

/* The length of tensor `index` of a list of `count` tensors: mixed, some empty. */
size_t cases_tensor_length(size_t index);

/* Fills `count` elements of stream `k` of `op`; labels are below `classes`. */
void fill_stream(struct random *random, enum fill fill, const gm_op *op, int k, void *data, size_t count,
                 size_t classes);

#endif
