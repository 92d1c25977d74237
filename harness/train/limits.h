/* How close each kernel of a training step comes to what this machine can attain, as it is called there. */
#ifndef GRADMARK_TRAIN_LIMITS_H
#define GRADMARK_TRAIN_LIMITS_H

#include <stdbool.h>

#include "measure/statistics.h"
#include "train/network.h"
#include "train/samples.h"

struct kernel_limit {
  struct figure percent; /* of attainable; NaN where it was not measured */
  const char *bound_by;  /* "moving data", "FMA", "divide/sqrt", "other arithmetic" */
};

/* Takes whole steps and whole steps of twins by turns, on the first full batch of `samples`, so that each twin finds
 * the caches as its kernel does. What the steps change is put back; the calls' counts and times stay as they were.
 * False without memory. */
bool limits_measure(struct network *network, const struct samples *samples, struct kernel_limit *limits);

#endif
