#include "sorted.h"

#include <math.h>
#include <stdlib.h>

int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

double median(double *values, size_t count) {
  if (count == 0) return NAN;
  qsort(values, count, sizeof *values, ascending);
  return (values[count / 2] + values[(count - 1) / 2]) / 2;
}
