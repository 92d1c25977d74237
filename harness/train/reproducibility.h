/* Which trainings ended in the same bits: all implementations with fused multiply-adds, on any number of threads. */
#ifndef GRADMARK_REPRODUCIBILITY_H
#define GRADMARK_REPRODUCIBILITY_H

#include <stddef.h>

#include "train/outcome.h"

/* What a training is beside the ISA and the threads that it ran on: trainings of one kind must end alike. Nonzero if
 * two outcomes are of one kind. */
int reproducibility_kind(const struct outcome *a, const struct outcome *b);

/* Of the outcomes of first's kind, the one whose bits the others are held against: the first fused and exact one, or
 * else the first. */
const struct outcome *reproducibility_reference(const struct outcome *outcomes, size_t count,
                                                const struct outcome *first);

/* Why an outcome may have ended in other bits than the reference; NULL if it must not have. */
const char *reproducibility_excuse(const struct outcome *outcome, const struct outcome *reference);

/* How many outcomes are of the kind of the one at `index`, and how many of these come before it. */
size_t reproducibility_count(const struct outcome *outcomes, size_t count, size_t index, size_t *before);

/* The first outcome that ended in other bits than it must; NULL if there is none. */
const struct outcome *reproducibility_fault(const struct outcome *outcomes, size_t count);

#endif
