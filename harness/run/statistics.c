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

struct place {
  double value;
  size_t index;
};

static int by_value(const void *a, const void *b) {
  return ascending(&((const struct place *)a)->value, &((const struct place *)b)->value);
}

/* The samples from the smallest on; NULL without memory. */
static struct place *put_in_order(const double *x, size_t count) {
  struct place *order = malloc(count * sizeof *order);
  if (!order) return NULL;
  for (size_t i = 0; i < count; i++) order[i] = (struct place){x[i], i};
  qsort(order, count, sizeof *order, by_value);
  return order;
}

/* Of samples of which each is there `times` times. */
static double quartile_in(const struct place *order, const unsigned *times, size_t count) {
  size_t seen = 0, i = 0;
  for (; i < count; i++) {
    seen += times ? times[order[i].index] : 1;
    if (4 * seen >= count) break;
  }
  return order[i].value;
}

double lower_quartile(const double *samples, size_t count) {
  struct place *order = put_in_order(samples, count);
  const double quartile = order ? quartile_in(order, NULL, count) : NAN;
  free(order);
  return quartile;
}

struct summary attained_percent(const double *limit, const double *kernel, size_t count) {
  enum { RESAMPLES = 400 };
  double percent[RESAMPLES];
  struct place *of_limit = put_in_order(limit, count), *of_kernel = put_in_order(kernel, count);
  unsigned *times = malloc(count * sizeof *times);
  struct summary result = {NAN, NAN, NAN};
  if (of_limit && of_kernel && times) {
    result.median = 100 * quartile_in(of_limit, NULL, count) / quartile_in(of_kernel, NULL, count);
    struct random random;
    random_seed(&random, count);
    for (int r = 0; r < RESAMPLES; r++) {
      memset(times, 0, count * sizeof *times);
      for (size_t i = 0; i < count; i++) times[random_below(&random, count)]++;
      percent[r] = 100 * quartile_in(of_limit, times, count) / quartile_in(of_kernel, times, count);
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
