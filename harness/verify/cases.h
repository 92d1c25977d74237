/* The cases that an implementation is proved on. */
#ifndef GRADMARK_CASES_H
#define GRADMARK_CASES_H

#include <stdbool.h>
#include <stddef.h>

#include "by_name.h"
#include "verify/fill.h"

enum { CASES_MAX_TENSORS = 1100, CASES_WIDEST = 16 /* floats in the widest vector */ };

enum edge { EDGE_END, EDGE_BEGIN }; /* arrays end, or begin, at an inaccessible page */

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

/* The length of tensor `index` of a list of `count` tensors: mixed, some empty. */
size_t cases_tensor_length(size_t index);

#endif
