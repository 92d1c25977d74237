/* Digits that look handwritten, drawn by this program: strokes in several styles, distorted, blurred, with faint
 * scratches and specks. They are for training without files. */
#ifndef GRADMARK_DIGITS_H
#define GRADMARK_DIGITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "train/samples.h"

enum { DIGITS_TRAIN = 12000, DIGITS_TEST = 2000, DIGITS_SIDE = 28, DIGITS_PIXELS = DIGITS_SIDE * DIGITS_SIDE };

/* The picture `index` of `seed`, 28 x 28 bytes, and which digit it is, 0..9. It depends on these two numbers alone, and
 * is the same on every machine. */
unsigned digits_draw(uint8_t pixel[DIGITS_PIXELS], uint64_t seed, uint64_t index);

/* The pictures 0 .. train - 1 of `seed` to train with, the next `test` ones to judge by, as features (pixel / 255).
 * Complains and returns false where there is no memory. */
bool digits_make(struct training_data *both, size_t train, size_t test, uint64_t seed);

#endif
