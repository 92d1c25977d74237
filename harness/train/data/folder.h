/* A folder of IDX files under MNIST's names, as --data takes it. */
#ifndef GRADMARK_FOLDER_H
#define GRADMARK_FOLDER_H

#include <stdbool.h>

#include "train/data/dataset.h"

/* Reads train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, each also
 * with `.gz` behind it, and with a dot in place of the dash before `idx`. Where there are only the two of t10k, the
 * first four fifths of it are what is trained with, and the rest is for the test: 8,000 and 2,000 of MNIST's. Pixels
 * become byte / 255; labels must be below `classes`. Complains in one sentence and returns false if anything is not as
 * it must be, with nothing to free. */
bool dataset_from_dir(struct train_test *both, const char *folder, size_t classes);

#endif
