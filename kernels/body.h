/* What every kernel file includes, after saying which rows of ops.def it sees (#define GM_ROW "row/adamw.def"): its
 * arguments by name, the lanes of the ISA that it is compiled for, and the way to export its body. */
#ifndef GM_BODY_H
#define GM_BODY_H

#ifndef GM_ROW
#error "a kernel says which rows of ops.def it sees: #define GM_ROW \"row/adamw.def\""
#endif

#include <string.h>

#include "lane/lane.h"
#include "op_args.h"

/* GM_BODY(adamw, f32) = {.prepare = prepare, .run = run}; exports gm_body_adamw_f32_avx512 in the objects of avx512. */
#define GM_BODY(op, dtype)                               \
  extern const gm_body GM_NAMED(gm_body_##op##_##dtype); \
  const gm_body GM_NAMED(gm_body_##op##_##dtype)

/* The body of an elementwise op: what `prepare` (NULL: nothing) makes of the hyperparameters, and the step that is
 * taken over all elements.
 *
 *   GM_INLINE void step(const gm_sgd_f32_args *a, const float *coef, size_t i, size_t count);
 *   GM_ELEMENTWISE(sgd, f32, prepare, step);
 *
 * The arguments and coefficients that a step sees are copies of its own, so that no store can change them and the
 * compiler loads each once. */
#define GM_ELEMENTWISE(op, dtype, prepare, step) \
  GM_ELEMENTWISE_JOB(op, dtype, prepare, step(&job.args, job.coef, i, count), 1, 0)

/* The same where all elements are done in one of up to 8 ways: a loop for each, in which `way` is a constant. `way_of`
 * is an expression of the arguments `a` and the coefficients `coef`.
 *
 *   GM_INLINE void step(const gm_adam_f32_args *a, const float *coef, unsigned way, size_t i, size_t count);
 *   GM_ELEMENTWISE_WAYS(adam, f32, prepare, step, 2, decays(coef[ADAM_DECAY])); */
#define GM_ELEMENTWISE_WAYS(op, dtype, prepare, step, ways, way_of) \
  GM_ELEMENTWISE_JOB(op, dtype, prepare, step(&job.args, job.coef, job.way, i, count), ways, way_of)

#define GM_ELEMENTWISE_JOB(op, dtype, prepare_, call, ways, way_of)                                                  \
  _Static_assert(ways <= 8, "there is a loop for each of at most 8 ways");                                           \
  struct elementwise_job {                                                                                           \
    gm_##op##_##dtype##_args args;                                                                                   \
    float coef[GM_MAX_COEFS];                                                                                        \
    unsigned way;                                                                                                    \
  };                                                                                                                 \
  GM_INLINE void elementwise_step(const void *opaque, size_t i, size_t count) {                                      \
    const struct elementwise_job job = *(const struct elementwise_job *)opaque;                                      \
    call;                                                                                                            \
  }                                                                                                                  \
  static double elementwise_run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) { \
    const gm_##op##_##dtype##_args args = gm_##op##_##dtype##_read(frame), *a = &args;                               \
    struct elementwise_job job = {.args = args};                                                                     \
    for (int k = 0; k < GM_MAX_COEFS; k++) job.coef[k] = coef[k];                                                    \
    const unsigned way = way_of;                                                                                     \
    GM_WAY(0, ways);                                                                                                 \
    GM_WAY(1, ways);                                                                                                 \
    GM_WAY(2, ways);                                                                                                 \
    GM_WAY(3, ways);                                                                                                 \
    GM_WAY(4, ways);                                                                                                 \
    GM_WAY(5, ways);                                                                                                 \
    GM_WAY(6, ways);                                                                                                 \
    GM_WAY(7, ways);                                                                                                 \
    (void)a, (void)scratch;                                                                                          \
    return 0;                                                                                                        \
  }                                                                                                                  \
  GM_BODY(op, dtype) = {.prepare = prepare_, .run = elementwise_run}
#define GM_WAY(number, ways)                       \
  do {                                             \
    if (number >= ways || way != number) break;    \
    job.way = number;                              \
    lane_loop(elementwise_step, &job, begin, end); \
  } while (0)

#endif
