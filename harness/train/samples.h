/* What is trained or tested on: a view of rows that somebody else owns. */
#ifndef GRADMARK_SAMPLES_H
#define GRADMARK_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

/* `label` for classes, `target` (one per sample) for everything else; the other is NULL. `soft`, if set, holds the
 * probabilities that a teacher gives each class (count x classes). */
struct samples {
  size_t count, features, classes;
  const float *feature; /* count x features */
  const int32_t *label;
  const float *target;
  const float *soft;
};

/* The samples from `first` on, `count` of them. */
struct samples samples_part(const struct samples *whole, size_t first, size_t count);

#endif
