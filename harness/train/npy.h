/* Arrays in NumPy's own format (.npy, version 1.0), for other programs to read. */
#ifndef GRADMARK_NPY_H
#define GRADMARK_NPY_H

#include <stdbool.h>
#include <stddef.h>

enum npy_type { NPY_F32, NPY_I32, NPY_U32 };

/* Writes rows x columns numbers, in rows, into a new file of the directory; with 0 columns, an array of one dimension.
 * Complains and returns false; a file that is there already is left alone, one that could not be finished is removed.
 */
bool npy_write(const char *directory, const char *name, enum npy_type type, const void *data, size_t rows,
               size_t columns);

#endif
