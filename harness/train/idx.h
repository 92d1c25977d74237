/* IDX files, as MNIST is handed out in: a header of big-endian numbers, then bytes. Source of the format: LeCun, Cortes
 * and Burges, "The MNIST database of handwritten digits": 0, 0, type, number of dimensions, each dimension as 32 bits.
 */
#ifndef GRADMARK_IDX_H
#define GRADMARK_IDX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "train/samples.h"

enum { IDX_DIMENSIONS = 3 };

/* More bytes than this are refused: it is twice what the largest of the known sets (EMNIST by class) holds. */
#define IDX_MOST_BYTES ((uint64_t)1 << 30)

struct idx {
  size_t dimension[IDX_DIMENSIONS]; /* those not there are 1 */
  size_t bytes;                     /* the product */
  uint8_t *byte;
};

/* Reads a file of unsigned bytes in `dimensions` dimensions, plain or packed by gzip. Everything is checked before
 * memory is taken for it, and no more is unpacked than the header says. Complains in one sentence with the file's name
 * and returns false if anything is not as it must be; else idx_free gives the memory back. */
bool idx_read(struct idx *idx, const char *path, unsigned dimensions);
void idx_free(struct idx *idx);

/* Reads train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, each also
 * with `.gz` behind it, and with a dot in place of the dash before `idx`. Where there are only the two of t10k, the
 * first four fifths of it are what is trained with, and the rest is for the test: 8,000 and 2,000 of MNIST's. Pixels
 * become byte / 255; labels must be below `classes`. Complains in one sentence and returns false if anything is not as
 * it must be, with nothing to free. */
bool idx_read_folder(struct training_data *both, const char *folder, size_t classes);

#endif
