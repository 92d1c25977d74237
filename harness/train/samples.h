/* What is trained, tested and validated on: rows of features, each with a label or a target. */
#ifndef GRADMARK_SAMPLES_H
#define GRADMARK_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* `label` for classes, `target` (one per sample) for everything else; the other is NULL. `soft`, if set, holds the
 * probabilities that a teacher gives each class (count x classes). */
struct samples {
  size_t count, features, classes;
  size_t rows, columns; /* of an image, rows x columns = features; 0 where the features are no pixels */
  float *feature;       /* count x features */
  int32_t *label;       /* each within 0 .. classes - 1 */
  const float *target, *soft;
  const char *source; /* words for people, such as "drawn digits" */
  void *memory;       /* their own; NULL where they are a part of others */
};

struct training_data {
  struct samples train, validation, test; /* validation may be empty */
};

/* Takes memory, all zero, for the features and labels of `count` samples; complains and returns false if there is not
 * that much. `feature` begins at a multiple of 64 bytes, and lies in huge pages where the system gives some. */
bool samples_make(struct samples *samples, size_t count, size_t features, size_t classes);

/* Gives back the samples' own memory, and with it that of their parts; a part may be freed too, to no effect. */
void samples_free(struct samples *samples);

/* The samples first .. first + count - 1 of `whole`, without a copy: good as long as `whole` is, whose memory it shows.
 * Its features begin at a multiple of 64 bytes if a row is that long (784 features are). */
struct samples samples_part(const struct samples *whole, size_t first, size_t count);

/* The first `train` of all to train with, the others to judge by. The memory goes with the first. */
void samples_split(const struct samples *all, size_t train, struct training_data *data);

/* Pixels as features: byte / 255, the quotient rounded to f32. PyTorch's bytes.float() / 255 gives the same floats. */
void samples_set_pixels(float *feature, const uint8_t *pixel, size_t count);

/* True if every feature is finite and every label within its classes; else complains of the first that is not. */
bool samples_check(const struct samples *samples);

/* In which order the samples of an epoch come: writes a permutation of 0 .. count-1 (Fisher and Yates) that depends on
 * the seed and the epoch alone, so that a resumed training goes on as the whole one would have; or, without `shuffle`,
 * the samples as they stand. */
void samples_order(uint32_t *order, size_t count, uint64_t seed, size_t epoch, bool shuffle);

/* ---- the points of the small workloads: few enough that the solution is known by other means -------------------- */

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
