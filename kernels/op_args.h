/* The generic frame of an op read by name: gm_adamw_f32_read(frame).params; and written from the typed arguments. Made
 * from ops.def, for kernels, oracles and the typed calls: nothing else in kernels/ knows the order of a row's members.
 *
 * An op's own files name the rows that they see: #define GM_ROW "row/adamw.def". So a change of another row of ops.def
 * leaves them as they are. Where GM_ROW is not defined all rows are there, and their typed calls. */
#ifndef GM_OP_ARGS_H
#define GM_OP_ARGS_H

#include "gradmark.h"

#define OP(op, dtype, family, shape, sizes, streams, hypers, ...)                          \
  static inline gm_##op##_##dtype##_args gm_##op##_##dtype##_read(const gm_frame *frame) { \
    gm_##op##_##dtype##_args args;                                                         \
    const size_t *size = frame->size;                                                      \
    void *const *stream = frame->stream;                                                   \
    const double *hyper = frame->hyper;                                                    \
    (void)size, (void)stream, (void)hyper;                                                 \
    sizes streams hypers;                                                                  \
    return args;                                                                           \
  }
#define SIZE(name) args.name = *size++;
#define R(type, name, a, b) args.name = *stream++;
#define U(type, name, a, b) args.name = *stream++;
#define W(type, name, a, b) args.name = *stream++;
#define RESULT(type, name) args.name = *stream++;
#define H(name, usual, low, high, other) args.name = *hyper++;
#include GM_ROWS

#define OP(op, dtype, family, shape, sizes, streams, hypers, ...)                          \
  static inline gm_frame gm_##op##_##dtype##_write(const gm_##op##_##dtype##_args *args) { \
    gm_frame frame = {0};                                                                  \
    size_t *size = frame.size;                                                             \
    void **stream = frame.stream;                                                          \
    double *hyper = frame.hyper;                                                           \
    (void)size, (void)stream, (void)hyper;                                                 \
    sizes streams hypers;                                                                  \
    return frame;                                                                          \
  }
#define SIZE(name) *size++ = args->name;
#define R(type, name, a, b) *stream++ = (void *)(uintptr_t)args->name;
#define U(type, name, a, b) *stream++ = args->name;
#define W(type, name, a, b) *stream++ = args->name;
#define RESULT(type, name) *stream++ = args->name;
#define H(name, usual, low, high, other) *hyper++ = args->name;
#include GM_ROWS

#endif
