/* What is said of a handful of samples. */
#ifndef GRADMARK_STATISTICS_H
#define GRADMARK_STATISTICS_H

#include <stddef.h>

/* The median and the interval that contains the true median with a probability of at least 95%, by order statistics,
 * which assume nothing about the distribution. Under six samples no interval reaches 95%: then it is their range. */
struct summary {
  double median, low, high;
};

/* Sorts `sorted` in place; count >= 1. */
struct summary summarize(double *sorted, size_t count);

#endif
