/* In which order the samples of an epoch come. */
#ifndef GRADMARK_ORDER_H
#define GRADMARK_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes a permutation of 0 .. count-1 (Fisher and Yates) that depends on the seed and the epoch alone, so that a
 * resumed training goes on as the whole one would have; or, without `shuffle`, the samples as they stand. */
void order_samples(uint32_t *order, size_t count, uint64_t seed, size_t epoch, bool shuffle);

#endif
