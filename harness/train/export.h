/* --export DIR: everything that another program needs to train the same model on the same data in the same order, as
 * NumPy files, for comparing with peers such as PyTorch. */
#ifndef GRADMARK_EXPORT_H
#define GRADMARK_EXPORT_H

#include <stdbool.h>

#include "train/training.h"

/* Makes the directory and writes into it:
 *   features.npy (samples x features, f32), labels.npy (i32) or targets.npy (f32)
 *   order.npy (epochs x samples, u32): which sample comes when
 *   weights0.npy (out x in), bias0.npy, weights1.npy ...: the parameters before the first step
 * Complains and returns false; nothing is overwritten. */
bool export_inputs(const char *directory, const struct training *training);

#endif
