#include "measure/statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"

struct place {
  double value;
  size_t index;
};

/* The samples from the smallest on; NULL without memory. */
static struct place *put_in_order(const double *x, size_t count) {
  struct place *order = malloc(count * sizeof *order);
  if (!order) return NULL;
  for (size_t i = 0; i < count; i++) order[i] = (struct place){x[i], i};
  qsort(order, count, sizeof *order, ascending);
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

/* Low: half as far again below the headline as the smallest round lies. High: what four in five rounds do not exceed.
 * Of 4,400 pairs of a row in two of eight runs (two processors of a busy Zen 4 virtual machine, 21 to 24 rounds each)
 * 90% of the intervals hold the other headline, and 99.5% of the pairs of intervals meet: on one thread in L2 90%, in
 * DRAM 96%, on two threads in one state 85 and 89%. The smallest and the largest that quartiles alone would give held
 * 64 to 76%: whole runs differ by more than their rounds say. Without bursts rounds differ by their samples' scatter
 * alone, and it is as long as the 95% interval of a median of 60 samples. */
struct figure undisturbed(const double *medians, size_t rounds) {
  double *sorted = malloc(rounds * sizeof *sorted);
  if (!sorted) return (struct figure){NAN, NAN, NAN};
  memcpy(sorted, medians, rounds * sizeof *sorted);
  qsort(sorted, rounds, sizeof *sorted, ascending);
  const double headline = sorted[(rounds + 3) / 4 - 1], high = sorted[4 * rounds / 5];
  /* Of four rounds the smallest is the headline, and nothing is known of what is below: as much as above. */
  const double below = rounds > 4 ? pow(sorted[0] / headline, 1.5) : headline / high;
  free(sorted);
  return (struct figure){headline, headline * below, high};
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
