/* Arrays as NumPy reads them (numpy.load): what a training began with, for others to begin with the same.
 * The format is described in numpy.lib.format: version 1.0, little-endian, rows one after another (C order). */
#ifndef GRADMARK_NPY_H
#define GRADMARK_NPY_H

#include <stdbool.h>
#include <stddef.h>

enum npy_type { NPY_F32, NPY_I32, NPY_U32 };

/* Writes `directory`/`name`, which appears whole or not at all: an array of `rows` x `columns`, or of one dimension,
 * `rows`, where `columns` is 0. Complains and returns false if something of that name is there (nothing is overwritten)
 * or it cannot be written. */
bool npy_write(const char *directory, const char *name, enum npy_type type, const void *data, size_t rows,
               size_t columns);

#endif
