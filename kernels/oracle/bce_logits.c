#define GM_ROW "row/bce_logits.def"
#include "oracle/oracle_op.h"

static double log_sigmoid(double x) { return fmin(x, 0) - log1p(exp(-fabs(x))); }

/* As PyTorch has it, (1 - t) x - log s(x), so that infinite logits give what they give there. */
GM_ORACLE(bce_logits, f32) {
  const gm_bce_logits_f32_args a = gm_bce_logits_f32_read(before);
  const gm_bce_logits_f32_doubles value = gm_bce_logits_f32_of(out->value), scale = gm_bce_logits_f32_of(out->scale);
  double sum = 0, terms = 0;
  for (size_t i = 0; i < a.n; i++) {
    const double x = a.logits[i], t = a.targets[i], p = 1 / (1 + exp(-x));
    sum += (1 - t) * x - log_sigmoid(x);
    terms += gm_largest((1 - t) * x, log_sigmoid(x), 0);
    value.logit_grads[i] = (p - t) / (double)a.n;
    scale.logit_grads[i] = gm_largest(p, t, 0) / (double)a.n;
  }
  *value.loss = sum / (double)a.n;
  *scale.loss = terms / (double)a.n;
}
