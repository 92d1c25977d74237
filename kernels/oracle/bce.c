#define GM_ROW "row/bce.def"
#include "oracle/oracle_op.h"

/* max(log, -100), or a NaN */
static double clamped(double log) { return log < -100 ? -100 : log; }

GM_ORACLE(bce, f32) {
  const gm_bce_f32_args a = gm_bce_f32_read(before);
  const gm_bce_f32_doubles value = gm_bce_f32_of(out->value), scale = gm_bce_f32_of(out->scale);
  double sum = 0;
  for (size_t i = 0; i < a.n; i++) {
    const double p = a.probabilities[i], t = a.targets[i];
    sum -= t * clamped(log(p)) + (1 - t) * clamped(log1p(-p));
    value.probability_grads[i] = (p - t) / fmax(p * (1 - p), 1e-12) / (double)a.n;
    scale.probability_grads[i] = fabs(value.probability_grads[i]);
  }
  *value.loss = *scale.loss = sum / (double)a.n;
}
