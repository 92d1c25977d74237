/* What a model learns from: rows of features, each with a label. */
#ifndef GRADMARK_DATASET_H
#define GRADMARK_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dataset {
  size_t samples, features, classes;
  size_t rows, columns; /* of an image, rows x columns = features; 0 where the features are none */
  float *feature;       /* samples x features */
  int32_t *label;       /* samples, each within 0 .. classes - 1 */
  const char *source;   /* words for people, such as "drawn digits" */
  void *memory;         /* the set's own; NULL in a part of another */
};

/* Takes memory, all zero, for `samples` rows; complains and returns false if there is not that much. `feature` begins
 * at a multiple of 64 bytes, and lies in huge pages where the system gives some. */
bool dataset_make(struct dataset *set, size_t samples, size_t features, size_t classes);

/* Gives back the set's own memory, and with it that of its parts; a part may be freed too, to no effect. */
void dataset_free(struct dataset *set);

/* The samples first .. first + count - 1 of `whole`, without a copy: good as long as `whole` is, whose memory it shows.
 * Its features begin at a multiple of 64 bytes if a row is that long (784 features are). */
struct dataset dataset_part(const struct dataset *whole, size_t first, size_t count);

/* Pixels as features: byte / 255, the quotient rounded to f32. PyTorch's bytes.float() / 255 gives the same floats. */
void dataset_set_pixels(float *feature, const uint8_t *pixel, size_t count);

/* True if every feature is finite and every label within its classes; else complains of the first that is not. */
bool dataset_check(const struct dataset *set);

/* What to train with, and what to judge by. */
struct train_test {
  struct dataset train, test;
};

void train_test_free(struct train_test *both);

#endif
