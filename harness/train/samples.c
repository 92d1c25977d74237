#define _GNU_SOURCE
#include "train/samples.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "cli.h"
#include "random.h"

enum { LINE = 64, HUGE_PAGE = 2 * 1024 * 1024 };

/* Features, then labels. False where the number does not fit. */
static bool bytes_of(size_t samples, size_t features, size_t *feature_bytes, size_t *bytes) {
  return !__builtin_mul_overflow(samples, features, feature_bytes) &&
         !__builtin_mul_overflow(*feature_bytes, sizeof(float), feature_bytes) &&
         !__builtin_mul_overflow(samples, sizeof(int32_t), bytes) &&
         !__builtin_add_overflow(*bytes, *feature_bytes, bytes) && *bytes < SIZE_MAX / 2;
}

bool samples_make(struct samples *s, size_t count, size_t features, size_t classes) {
  *s = (struct samples){.count = count, .features = features, .classes = classes};
  size_t feature_bytes = 0, bytes = 0;
  const bool fits = bytes_of(count, features, &feature_bytes, &bytes);
  const size_t step = fits && bytes >= HUGE_PAGE ? HUGE_PAGE : LINE;
  if (fits) s->memory = aligned_alloc(step, (bytes + step - 1) / step * step + (bytes == 0) * step);
  if (!s->memory) {
    cli_fail("there is no memory for %zu samples of %zu features", count, features);
    return false;
  }
  if (step == HUGE_PAGE) madvise(s->memory, bytes, MADV_HUGEPAGE); /* a hint */
  memset(s->memory, 0, bytes);
  s->feature = s->memory;
  s->label = (int32_t *)((char *)s->memory + feature_bytes);
  return true;
}

void samples_free(struct samples *s) {
  free(s->memory);
  *s = (struct samples){0};
}

struct samples samples_part(const struct samples *whole, size_t first, size_t count) {
  struct samples part = *whole;
  part.count = count;
  part.feature += first * whole->features;
  if (part.label) part.label += first;
  if (part.target) part.target += first;
  part.memory = NULL;
  return part;
}

void samples_split(const struct samples *all, size_t train, struct training_data *data) {
  *data = (struct training_data){.train = samples_part(all, 0, train),
                                 .test = samples_part(all, train, all->count - train)};
  data->train.memory = all->memory;
}

void samples_set_pixels(float *feature, const uint8_t *pixel, size_t count) {
  for (size_t i = 0; i < count; i++) feature[i] = (float)pixel[i] / 255.0f;
}

bool samples_check(const struct samples *s) {
  for (size_t i = 0; i < s->count; i++) {
    for (size_t k = 0; k < s->features; k++) {
      const float x = s->feature[i * s->features + k];
      if (isfinite(x)) continue;
      cli_fail("%s: feature %zu of sample %zu is %s", s->source, k, i, isnan(x) ? "NaN" : "infinite");
      return false;
    }
    if (s->label[i] >= 0 && (size_t)s->label[i] < s->classes) continue;
    cli_fail("%s: the label of sample %zu is %d; there are %zu classes, from 0 on", s->source, i, s->label[i],
             s->classes);
    return false;
  }
  return true;
}

void samples_order(uint32_t *order, size_t count, uint64_t seed, size_t epoch, bool shuffle) {
  struct random random;
  random_seed(&random, seed + 0x632be59bd9b4e019U * (epoch + 1));
  for (size_t i = 0; i < count; i++) order[i] = (uint32_t)i;
  for (size_t i = count; shuffle && i > 1; i--) {
    const size_t j = random_below(&random, i);
    const uint32_t kept = order[i - 1];
    order[i - 1] = order[j], order[j] = kept;
  }
}

/* ---- the points of the small workloads --------------------------------------------------------------------------- */

struct samples toy_line_through_zero(struct toy_data *data, size_t count) {
  for (size_t i = 0; i < count; i++) {
    data->feature[i] = (float)(i + 1);
    data->target[i] = 2 * data->feature[i];
  }
  return (struct samples){
      .count = count, .features = 1, .feature = data->feature, .target = data->target, .source = "points"};
}

struct samples toy_noisy_line(struct toy_data *data, uint64_t seed) {
  enum { POINTS = 100, FEATURES = 5 };
  struct random random;
  random_seed(&random, seed);
  for (size_t i = 0; i < POINTS; i++) {
    float *x = data->feature + i * FEATURES;
    for (size_t k = 0; k < FEATURES; k++) x[k] = (float)(2 * random_unit(&random) - 1);
    data->target[i] = (float)(3 * x[0] + 0.5 * random_bell(&random));
  }
  return (struct samples){
      .count = POINTS, .features = FEATURES, .feature = data->feature, .target = data->target, .source = "points"};
}

struct samples toy_two_classes(struct toy_data *data, uint64_t seed) {
  struct random random;
  random_seed(&random, seed);
  for (size_t i = 0; i < TOY_MOST_SAMPLES; i++) {
    const double side = i % 2 ? 1 : -1;
    data->feature[2 * i] = (float)(side + random_bell(&random));
    data->feature[2 * i + 1] = (float)(0.5 * side + random_bell(&random));
    data->target[i] = (float)(i % 2);
  }
  return (struct samples){.count = TOY_MOST_SAMPLES,
                          .features = 2,
                          .classes = 2,
                          .feature = data->feature,
                          .target = data->target,
                          .source = "points"};
}
