/* Figures in order, and the one in the middle. */
#ifndef GRADMARK_SORTED_H
#define GRADMARK_SORTED_H

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

/* Compares two doubles, for qsort: also of structures whose first member is one. */
static inline int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Sorts in place; of an even number of values the mean of the two in the middle, NaN of none. */
static inline double median(double *values, size_t count) {
  if (count == 0) return NAN;
  qsort(values, count, sizeof *values, ascending);
  return (values[count / 2] + values[(count - 1) / 2]) / 2;
}

#endif
