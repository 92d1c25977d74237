/* How good a model is on samples that it does not learn from. */
#ifndef GRADMARK_EVALUATION_H
#define GRADMARK_EVALUATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "train/network.h"
#include "train/samples.h"

struct evaluation {
  size_t samples, classes;
  double loss;
  double accuracy;    /* NaN without classes */
  size_t *confusion;  /* classes x classes, a row per true class */
  int32_t *predicted; /* one per sample */
  float *confidence;  /* the probability that the model gives to what it predicted */
};

/* Loss and accuracy and, in detail, confusion, predictions and confidence: in batches of the network's size, with the
 * kernels that train it; not timed. Complains and returns false without memory. */
bool evaluate(struct network *network, const struct samples *samples, bool in_detail, struct evaluation *evaluation);

/* The op beside the model's own that an evaluation in detail calls; NULL if there is none. */
const char *evaluation_op(const struct model *model);
void evaluation_free(struct evaluation *evaluation);

/* Of one class, or (macro) the mean over the classes. NaN where nothing was predicted or nothing was there. */
struct scores {
  double precision, recall, f1;
  size_t samples;
};
struct scores evaluation_scores(const struct evaluation *evaluation, size_t class);
struct scores evaluation_macro(const struct evaluation *evaluation);

#endif
