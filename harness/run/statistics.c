#include "run/statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"

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

/* Indices of the samples from the smallest on. */
static void put_in_order(size_t *order, const double *x, size_t count) {
  for (size_t i = 0; i < count; i++) {
    size_t at = i;
    for (; at > 0 && x[order[at - 1]] > x[i]; at--) order[at] = order[at - 1];
    order[at] = i;
  }
}

/* Of samples of which each is there `times` times. */
static double quartile_in(const size_t *order, const double *x, const unsigned *times, size_t count) {
  size_t seen = 0, i = 0;
  for (; i < count; i++) {
    seen += times ? times[order[i]] : 1;
    if (4 * seen >= count) break;
  }
  return x[order[i]];
}

double lower_quartile(const double *samples, size_t count) {
  size_t *order = malloc(count * sizeof *order);
  if (!order) return NAN;
  put_in_order(order, samples, count);
  const double quartile = quartile_in(order, samples, NULL, count);
  free(order);
  return quartile;
}

struct summary attained_percent(const double *limit, const double *kernel, size_t count) {
  enum { RESAMPLES = 400 };
  double percent[RESAMPLES];
  size_t *of_limit = malloc(count * sizeof *of_limit), *of_kernel = malloc(count * sizeof *of_kernel);
  unsigned *times = malloc(count * sizeof *times);
  struct summary result = {NAN, NAN, NAN};
  if (of_limit && of_kernel && times) {
    put_in_order(of_limit, limit, count);
    put_in_order(of_kernel, kernel, count);
    result.median = 100 * quartile_in(of_limit, limit, NULL, count) / quartile_in(of_kernel, kernel, NULL, count);
    struct random random;
    random_seed(&random, count);
    for (int r = 0; r < RESAMPLES; r++) {
      memset(times, 0, count * sizeof *times);
      for (size_t i = 0; i < count; i++) times[random_below(&random, count)]++;
      percent[r] = 100 * quartile_in(of_limit, limit, times, count) / quartile_in(of_kernel, kernel, times, count);
    }
    qsort(percent, RESAMPLES, sizeof *percent, ascending);
    result.low = fmin(percent[RESAMPLES / 40], result.median);
    result.high = fmax(percent[RESAMPLES - 1 - RESAMPLES / 40], result.median);
  }
  free(of_limit);
  free(of_kernel);
  free(times);
  return result;
}
