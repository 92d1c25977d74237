/* gradmark: optimizer steps and gradient kernels for CPUs, in several implementations of each.
 *
 * An *op* is one mathematical operation (`adamw`); an *implementation* is one compiled body of it (`avx512`). Every
 * op and what it computes stands in ops.def, which this header expands into one typed call per op. The same op can be
 * called in three ways that share one body:
 *
 *   typed    gm_adamw_f32(library, threads, &args, &error)           from C; the best implementation is chosen
 *   by name  gm_call(gm_find(library, "adamw/f32/avx512"), ...)       with a generic argument frame
 *   foreign  the same two, through the shared library (README: AdamW on a NumPy array through ctypes)
 *
 * Nothing here is global: a gm_library is a value of its own, read-only after gm_open and gm_load_plugin, and may be
 * used by several threads at once. All sizes count elements; all hyperparameters are doubles.
 */
#ifndef GRADMARK_H
#define GRADMARK_H

#include "by_name.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- typed calls ------------------------------------------------------------------------------------------------
 * For every row OP(adamw, f32, ...) of ops.def: a struct gm_adamw_f32_args with one member per size, stream and
 * hyperparameter, named as in the row, and
 *
 *   gm_status gm_adamw_f32(const gm_library *, int threads, const gm_adamw_f32_args *, gm_error *);
 *
 * which runs the best exact implementation. The comment above the row is the function's documentation. An op's own file
 * names the rows that it sees instead of all (GM_ROW; op_args.h). */
#ifdef GM_ROW
#define GM_ROWS GM_ROW
#else
#define GM_ROWS "ops.def"
#endif
#define OP(op, dtype, family, shape, sizes, streams, hypers, ...)                                                  \
  typedef struct gm_##op##_##dtype##_args {                                                                        \
    sizes streams hypers                                                                                           \
  } gm_##op##_##dtype##_args;                                                                                      \
  GM_API gm_status gm_##op##_##dtype(const gm_library *library, int threads, const gm_##op##_##dtype##_args *args, \
                                     gm_error *error);
#define SIZE(name) size_t name;
#define R(type, name, a, b) const gm_##type *name;
#define U(type, name, a, b) gm_##type *name;
#define W(type, name, a, b) gm_##type *name;
#define RESULT(type, name) gm_##type *name;
#define H(name, usual, low, high, other) double name;
#include GM_ROWS

#ifdef __cplusplus
}
#endif
#endif
