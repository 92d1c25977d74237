/* What is said of a handful of samples. */
#ifndef GRADMARK_STATISTICS_H
#define GRADMARK_STATISTICS_H

#include <stddef.h>

#include "sorted.h"

/* A value and the interval that it is given with. */
struct figure {
  double value, low, high;
};

/* What is undisturbed: the smallest value that a quarter of all do not exceed. count >= 1; NaN without memory. */
double lower_quartile(const double *values, size_t count);

/* The lower quartile of the medians of a row's rounds, and the interval that is to hold the same of the next run. */
struct figure undisturbed(const double *medians, size_t rounds);

/* 100 times the lower quartile of `limit` over that of `kernel`, taken by turns or in the same rounds; low and high are
 * its 95% interval by a bootstrap of the pairs, the same in every run. NaN without memory. */
struct figure attained_percent(const double *limit, const double *kernel, size_t count);

#endif
