/* The double-precision statement of every op, straight from its source: slow, never timed, compiled once and with no
 * ISA flags, sharing no code with the kernels.
 *
 * An oracle reads a frame as it was before the step. For every stream that the op writes it gives, per element, the
 * exact value (as good as double makes it) and its scale: the largest magnitude among the terms that the formula adds
 * up to the value. Errors are counted in ulp of the larger of the two: where terms cancel, no f32 kernel could keep the
 * digits that the result lost. A scale is never negative, but for GM_OVERFLOWS, which says that the formula passes
 * through a finite value beyond FLT_MAX on its way: there f32 may end in anything, but for a NaN that is due. */
#ifndef GM_ORACLE_H
#define GM_ORACLE_H

#include <math.h>

#include "by_name.h"

/* No signed value is that by chance. */
#define GM_OVERFLOWS (-INFINITY)

typedef struct gm_oracle_out {
  double *value[GM_MAX_STREAMS]; /* one per element of the stream; NULL for streams that are only read */
  double *scale[GM_MAX_STREAMS];
} gm_oracle_out;

/* The most roundings between a term of a matrix op's sum and the sum: terms are added up in blocks of up to 256, and so
 * are the blocks' sums (ops.def). */
static inline double gm_sum_depth(size_t terms) {
  enum { BLOCK = 256 };
  const size_t in_blocks = BLOCK + terms / BLOCK + (terms % BLOCK != 0);
  return (double)(terms < in_blocks ? terms : in_blocks);
}

typedef void gm_oracle(const gm_frame *before, const gm_oracle_out *out);

/* The oracle of an op; of a list, that of the op which it applies. NULL if there is none. */
gm_oracle *gm_oracle_of(const gm_op *op);

/* The largest magnitude of two or three terms; NaN if one is. */
double gm_largest(double a, double b, double c);

#endif
