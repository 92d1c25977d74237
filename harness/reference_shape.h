/* The shape at which an op is timed, for a working set of given bytes. */
#ifndef GRADMARK_REFERENCE_SHAPE_H
#define GRADMARK_REFERENCE_SHAPE_H

#include "by_name.h"

enum { REFERENCE_CLASSES = 1000, REFERENCE_TENSORS = 2000 };

/* Sizes for which all streams together take about `working_set` bytes: 1,000 classes for row-wise ops, equal sides for
 * matrices. For a list: the sizes of all its tensors as one. Hyperparameters are the usual ones. */
gm_frame reference_frame(const gm_op *op, double working_set);

/* All streams of a frame. */
double reference_working_set(const gm_op *op, const gm_frame *frame);

/* At 1 MiB; the same everywhere for all but matrices. */
double reference_bytes_per_element(const gm_op *op);

#endif
