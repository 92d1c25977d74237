/* What a training begins with, for another program to begin with the same: arrays as NumPy reads them (numpy.load). The
 * format is described in numpy.lib.format: version 1.0, little-endian, rows one after another (C order). */
#ifndef GRADMARK_EXPORT_H
#define GRADMARK_EXPORT_H

#include "train/training.h"

enum npy_type { NPY_F32, NPY_I32, NPY_U32 };

/* Writes `directory`/`name`, which appears whole or not at all: an array of `rows` x `columns`, or of one dimension,
 * `rows`, where `columns` is 0. Complains and returns false if something of that name is there (nothing is overwritten)
 * or it cannot be written. */
bool npy_write(const char *directory, const char *name, enum npy_type type, const void *data, size_t rows,
               size_t columns);

/* Makes the directory and writes into it:
 *   features.npy (samples x features, f32), labels.npy (i32) or targets.npy (f32)
 *   order.npy (epochs x samples, u32): which sample comes when
 *   weights0.npy (out x in), bias0.npy, weights1.npy ...: the parameters before the first step
 * Complains and returns false; nothing is overwritten. */
bool export_inputs(const char *directory, const struct training *training);

#endif
