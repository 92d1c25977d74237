/* What can be trained: the workloads by name, each of one or several trainings. */
#ifndef GRADMARK_WORKLOAD_H
#define GRADMARK_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>

#include "train/model.h"
#include "train/training.h"

enum workload_data {
  DATA_ONE_POINT,    /* y = 2 at x = 1: theta against 2, or y = 2 x */
  DATA_THREE_POINTS, /* y = 2 x at x = 1, 2, 3 */
  DATA_LINE,         /* y = 3 x + noise, and features that do not matter */
  DATA_TWO_CLASSES,  /* two clouds of points */
  DATA_DIGITS,       /* --data, or digits drawn here */
};

enum { TRAINING_MOST_HIDDEN = MODEL_MOST_LAYERS - 1 };

/* One training of a workload, before the command line's choices. */
struct training_spec {
  const char *part; /* "full batch"; "" where a workload has one part alone */
  enum workload_data data;
  const char *optimizer; /* NULL: every one in the suite, one training each */
  double lr;             /* 0: the optimizer's usual one */
  const char *schedule;
  size_t batch; /* 0: all samples */
  size_t epochs;
  enum init init;
  bool shuffle;
  double tolerance; /* how near to the solution that is known it must come: f32 alone, or the noise of small batches */
  double l1, l2, clip;
  double proximal; /* l1 by a proximal step: a lasso */
};

struct workload {
  const char *name, *about;
  const struct training_spec *spec;
  size_t specs;
  enum model_loss loss;
  bool has_bias;
  size_t hidden[TRAINING_MOST_HIDDEN + 1]; /* ended by 0 */
  bool compress;                           /* then pruned, quantized, distilled */
};

extern const struct workload workloads[]; /* the last has no name */

#endif
