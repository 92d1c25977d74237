/* What a small workload ended at, beside the solution that is known. */
#ifndef GRADMARK_FIT_H
#define GRADMARK_FIT_H

#include <stdbool.h>
#include <stddef.h>

#include "train/outcome.h"
#include "train/samples.h"

struct fit {
  char part[OUTCOME_NAME], parameter[24];
  double value, expected, tolerance;
  const char *reference; /* where the expected value is from */
  bool held;
};

enum { FIT_MOST = 16 };

/* Writes one per parameter and returns how many: none where the solution is not known, of the model or with what
 * else pulls at its parameters. A weight that a lasso makes 0 must be 0 exactly. */
size_t fit_check(const struct training_spec *spec, const struct outcome *outcome, const struct samples *train,
                 struct fit fits[FIT_MOST]);

#endif
