/* The points of the small workloads: few enough that the solution is known by other means. */
#ifndef GRADMARK_TOY_DATA_H
#define GRADMARK_TOY_DATA_H

#include <stdint.h>

#include "train/samples.h"

enum { TOY_MOST_SAMPLES = 1000, TOY_MOST_FEATURES = 5 };

struct toy_data {
  float feature[TOY_MOST_SAMPLES * TOY_MOST_FEATURES], target[TOY_MOST_SAMPLES];
};

/* y = 2 x at x = 1 .. count. */
struct samples toy_line_through_zero(struct toy_data *data, size_t count);

/* y = 3 x_0 + noise of standard deviation 1/2; x_1 .. x_4 do not matter. All x within -1 .. 1. 100 points. */
struct samples toy_noisy_line(struct toy_data *data, uint64_t seed);

/* 1,000 points in the plane, alternately of class 0 and of class 1, around (-1, -0.5) and (1, 0.5), which overlap. */
struct samples toy_two_classes(struct toy_data *data, uint64_t seed);

#endif
