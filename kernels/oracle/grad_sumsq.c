#define GM_ROW "row/grad_sumsq.def"
#include "oracle/oracle_op.h"

/* Squares of f32 are exact in double. */
GM_ORACLE(grad_sumsq, f32) {
  const gm_grad_sumsq_f32_args a = gm_grad_sumsq_f32_read(before);
  double sum = 0;
  for (size_t i = 0; i < a.n; i++) sum += (double)a.grads[i] * a.grads[i];
  *gm_grad_sumsq_f32_of(out->value).sumsq = *gm_grad_sumsq_f32_of(out->scale).sumsq = sum;
}
