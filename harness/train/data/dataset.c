#define _GNU_SOURCE
#include "train/data/dataset.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "cli.h"

enum { LINE = 64, HUGE_PAGE = 2 * 1024 * 1024 };

/* Features, then labels. False where the number does not fit. */
static bool bytes_of(size_t samples, size_t features, size_t *feature_bytes, size_t *bytes) {
  return !__builtin_mul_overflow(samples, features, feature_bytes) &&
         !__builtin_mul_overflow(*feature_bytes, sizeof(float), feature_bytes) &&
         !__builtin_mul_overflow(samples, sizeof(int32_t), bytes) &&
         !__builtin_add_overflow(*bytes, *feature_bytes, bytes) && *bytes < SIZE_MAX / 2;
}

bool dataset_make(struct dataset *set, size_t samples, size_t features, size_t classes) {
  *set = (struct dataset){.samples = samples, .features = features, .classes = classes};
  size_t feature_bytes = 0, bytes = 0;
  const bool fits = bytes_of(samples, features, &feature_bytes, &bytes);
  const size_t step = fits && bytes >= HUGE_PAGE ? HUGE_PAGE : LINE;
  if (fits) set->memory = aligned_alloc(step, (bytes + step - 1) / step * step + (bytes == 0) * step);
  if (!set->memory) {
    cli_fail("there is no memory for %zu samples of %zu features", samples, features);
    return false;
  }
  if (step == HUGE_PAGE) madvise(set->memory, bytes, MADV_HUGEPAGE); /* a hint */
  memset(set->memory, 0, bytes);
  set->feature = set->memory;
  set->label = (int32_t *)((char *)set->memory + feature_bytes);
  return true;
}

void dataset_free(struct dataset *set) {
  free(set->memory);
  *set = (struct dataset){0};
}

struct dataset dataset_part(const struct dataset *whole, size_t first, size_t count) {
  struct dataset part = *whole;
  part.samples = count;
  part.feature += first * whole->features;
  part.label += first;
  part.memory = NULL;
  return part;
}

void dataset_set_pixels(float *feature, const uint8_t *pixel, size_t count) {
  for (size_t i = 0; i < count; i++) feature[i] = (float)pixel[i] / 255.0f;
}

bool dataset_check(const struct dataset *set) {
  for (size_t i = 0; i < set->samples; i++) {
    for (size_t k = 0; k < set->features; k++) {
      const float x = set->feature[i * set->features + k];
      if (isfinite(x)) continue;
      cli_fail("%s: feature %zu of sample %zu is %s", set->source, k, i, isnan(x) ? "NaN" : "infinite");
      return false;
    }
    if (set->label[i] >= 0 && (size_t)set->label[i] < set->classes) continue;
    cli_fail("%s: the label of sample %zu is %d; there are %zu classes, from 0 on", set->source, i, set->label[i],
             set->classes);
    return false;
  }
  return true;
}

void train_test_free(struct train_test *both) {
  dataset_free(&both->test);
  dataset_free(&both->train);
}
