/* What the library's own files share. */
#ifndef GM_INTERNAL_H
#define GM_INTERNAL_H

#include "by_name.h"

/* Fills `error`, if given, and returns `status`. */
__attribute__((format(printf, 3, 4))) gm_status gm_fail(gm_error *error, gm_status status, const char *format, ...);

/* Once for a process, before it forks: from then on threads may be asked for in its children, too. */
void gm_parallel_open(void);

/* Of `count` sizes, each an index into the frame's, GM_MAX_SIZES for 1; SIZE_MAX where it is beyond size_t. */
size_t gm_product(const gm_frame *frame, const int *index, int count);

/* Tensor `index` of a list as a frame that is whole on its own: with the result and the hyperparameters of the list
 * where those are common to all tensors. */
gm_frame gm_list_tensor(const gm_op *op, const gm_frame *list, size_t index);

/* What the tensors of a list of an op with a result have in common: `elements` in all, result and hyperparameters. */
gm_frame gm_list_common(const gm_op *op, const gm_frame *list, size_t elements);

#endif
