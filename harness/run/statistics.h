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

/* What is undisturbed: the value that a quarter of all do not exceed. count >= 1. */
double lower_quartile(const double *samples, size_t count);

/* 100 times the lower quartile of `limit` over that of `kernel`, taken by turns, as `median`; low and high are its 95%
 * interval by a bootstrap of the turns, the same in every run. NaN without memory. */
struct summary attained_percent(const double *limit, const double *kernel, size_t count);

#endif
