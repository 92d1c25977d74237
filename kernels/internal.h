/* What the library's own files share. */
#ifndef GM_INTERNAL_H
#define GM_INTERNAL_H

#include "by_name.h"

/* Fills `error`, if given, and returns `status`. */
__attribute__((format(printf, 3, 4))) gm_status gm_fail(gm_error *error, gm_status status, const char *format, ...);

/* Of a list, too. */
static inline bool gm_has_result(const gm_op *op) {
  return op->streams > 0 && op->stream[op->streams - 1].role == GM_RESULT;
}

/* Tensor `index` of a list as a frame that is whole on its own: with the result and the hyperparameters of the list
 * where those are common to all tensors. */
gm_frame gm_list_tensor(const gm_op *op, const gm_frame *list, size_t index);

/* What the tensors of a list of an op with a result have in common: `elements` in all, result and hyperparameters. */
gm_frame gm_list_common(const gm_op *op, const gm_frame *list, size_t elements);

#endif
