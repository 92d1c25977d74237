#include "train/toy_data.h"

#include "random.h"

struct samples toy_line_through_zero(struct toy_data *data, size_t count) {
  for (size_t i = 0; i < count; i++) {
    data->feature[i] = (float)(i + 1);
    data->target[i] = 2 * data->feature[i];
  }
  return (struct samples){.count = count, .features = 1, .feature = data->feature, .target = data->target};
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
  return (struct samples){.count = POINTS, .features = FEATURES, .feature = data->feature, .target = data->target};
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
  return (struct samples){
      .count = TOY_MOST_SAMPLES, .features = 2, .classes = 2, .feature = data->feature, .target = data->target};
}
