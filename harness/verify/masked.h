/* Does the processor leave alone the lanes that a mask leaves out, and what lies beyond a single float? Kernels of AVX2
 * go to the end of their arrays by that, and the manuals promise it; an emulator may access a whole vector
 * nevertheless, and so fault where an array ends at an inaccessible page. That is no fault of a kernel's. */
#ifndef GRADMARK_MASKED_H
#define GRADMARK_MASKED_H

#include "by_name.h"

/* Why an implementation of the library cannot be proved here, in one sentence without a full stop; NULL: it can. */
const char *masked_why_not(const gm_impl *impl);

/* Copies one float by a masked load and a masked store, and adds it up. */
typedef void masked_copy(const float *from, float *to);

#endif
