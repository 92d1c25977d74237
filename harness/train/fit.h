/* What a small workload ended at, beside the solution that is known. */
#ifndef GRADMARK_FIT_H
#define GRADMARK_FIT_H

#include <stdbool.h>
#include <stddef.h>

#include "train/samples.h"
#include "train/workload.h"

struct fit {
  char part[96], parameter[24];
  double value, expected, tolerance;
  const char *reference; /* where the expected value is from */
  bool held;
};

enum { FIT_MOST = 16 };

/* Writes one per parameter and returns how many: none for a model whose solution is not known. `part` says which
 * training. A weight that a lasso makes 0 must be 0 exactly. */
size_t fit_check(const struct training_spec *spec, const struct model *model, const float *params,
                 const struct samples *train, const char *part, struct fit fits[FIT_MOST]);

#endif
