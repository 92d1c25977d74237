#include "run/statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

double median(double *samples, size_t count) {
  qsort(samples, count, sizeof *samples, ascending);
  return (samples[count / 2] + samples[(count - 1) / 2]) / 2;
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

struct figure undisturbed(const double *medians, size_t rounds) {
  double *sorted = malloc(rounds * sizeof *sorted);
  if (!sorted) return (struct figure){NAN, NAN, NAN};
  memcpy(sorted, medians, rounds * sizeof *sorted);
  qsort(sorted, rounds, sizeof *sorted, ascending);
  const struct figure figure = {sorted[(rounds + 3) / 4 - 1], sorted[0], sorted[rounds / 2]};
  free(sorted);
  return figure;
}

struct figure attained_percent(const double *limit, const double *kernel, size_t count) {
  enum { RESAMPLES = 400 };
  double percent[RESAMPLES];
  struct place *of_limit = put_in_order(limit, count), *of_kernel = put_in_order(kernel, count);
  unsigned *times = malloc(count * sizeof *times);
  struct figure result = {NAN, NAN, NAN};
  if (of_limit && of_kernel && times) {
    result.value = 100 * quartile_in(of_limit, NULL, count) / quartile_in(of_kernel, NULL, count);
    struct random random;
    random_seed(&random, count);
    for (int r = 0; r < RESAMPLES; r++) {
      memset(times, 0, count * sizeof *times);
      for (size_t i = 0; i < count; i++) times[random_below(&random, count)]++;
      percent[r] = 100 * quartile_in(of_limit, times, count) / quartile_in(of_kernel, times, count);
    }
    qsort(percent, RESAMPLES, sizeof *percent, ascending);
    result.low = fmin(percent[RESAMPLES / 40], result.value);
    result.high = fmax(percent[RESAMPLES - 1 - RESAMPLES / 40], result.value);
  }
  free(of_limit);
  free(of_kernel);
  free(times);
  return result;
}
