/* The typed calls of gradmark.h: each looks up the best implementation and calls it by frame. */
#include "internal.h"
#include "op_args.h"

#define OP(op, dtype, ...)                                                                                      \
  gm_status gm_##op##_##dtype(const gm_library *library, int threads, const gm_##op##_##dtype##_args *args,     \
                              gm_error *error) {                                                                \
    gm_error unseen, *const said = error ? error : &unseen;                                                     \
    if (!library || !args) return gm_fail(error, GM_BAD_STREAM, #op ": the library or the arguments are null"); \
    const gm_impl *impl = gm_find(library, #op "/" #dtype, said);                                               \
    if (!impl) return said->status;                                                                             \
    const gm_frame frame = gm_##op##_##dtype##_write(args);                                                     \
    return gm_call(impl, threads, &frame, error);                                                               \
  }
#include "ops.def"
