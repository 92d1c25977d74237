#include "train/samples.h"

struct samples samples_part(const struct samples *whole, size_t first, size_t count) {
  struct samples part = *whole;
  part.count = count;
  part.feature += first * whole->features;
  if (part.label) part.label += first;
  if (part.target) part.target += first;
  return part;
}
