#include "run/statistics.h"

#include <math.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The largest r for which fewer than r of n samples lie below the median with probability at most 2.5%; 0 if none. The
 * interval from the r-th smallest to the r-th largest then has 95%. */
static size_t rank_of_interval(size_t n) {
  if (n > 500) return (size_t)(0.5 * (double)n - 0.98 * sqrt((double)n)); /* the normal distribution, by then */
  double probability = pow(0.5, (double)n), sum = 0;                      /* of exactly k below */
  for (size_t k = 0; k < n; k++) {
    sum += probability;
    if (sum > 0.025) return k;
    probability *= (double)(n - k) / (double)(k + 1);
  }
  return n / 2;
}

struct summary summarize(double *sorted, size_t count) {
  qsort(sorted, count, sizeof *sorted, ascending);
  const size_t rank = rank_of_interval(count), first = rank ? rank - 1 : 0;
  const double upper = sorted[count / 2], lower = sorted[(count - 1) / 2];
  return (struct summary){(upper + lower) / 2, sorted[first], sorted[count - 1 - first]};
}
