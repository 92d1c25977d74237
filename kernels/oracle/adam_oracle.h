/* What adam and adamw share, from torch.optim's documentation: the moments and the step, for a params value `p` and a
 * gradient `g` of scale `g_scale` that the op has already decayed. */
#ifndef GM_ADAM_ORACLE_H
#define GM_ADAM_ORACLE_H

#include "oracle/oracle_op.h"

struct adam_oracle {
  double beta1, beta2, eps, step_size, sqrt_bc2;
};

static inline struct adam_oracle adam_oracle(double lr, double beta1, double beta2, double eps, double step) {
  return (struct adam_oracle){beta1, beta2, eps, lr / (1 - pow(beta1, step)), sqrt(1 - pow(beta2, step))};
}

struct adam_oracle_state {
  double p, m, v;
};

static inline void adam_oracle_step(const struct adam_oracle *h, double g, double g_scale, double p_scale,
                                    struct adam_oracle_state *value, struct adam_oracle_state *scale) {
  const double m_old = value->m;
  value->m = m_old + (1 - h->beta1) * (g - m_old); /* PyTorch's form: infinities meet as they do there */
  scale->m = gm_largest(m_old, g_scale, 0);
  const double decayed = h->beta2 * value->v;
  value->v = gm_stored(decayed + (1 - h->beta2) * g * g);
  scale->v = gm_largest(decayed, (1 - h->beta2) * g_scale * g_scale, 0);

  const double denominator = sqrt(value->v) / h->sqrt_bc2 + h->eps;
  const double update = h->step_size * value->m / denominator;
  /* Below FLT_MIN the spacing of f32 stays what it is there. */
  const double m_part = h->step_size * fmax(fmax(scale->m, FLT_MIN) / denominator, FLT_MIN);
  const double v_part = fabs(update) * (gm_sqrt_scale(value->v, scale->v) / h->sqrt_bc2) / denominator;
  value->p -= update;
  scale->p = gm_largest(p_scale, m_part, isfinite(denominator) ? v_part : 0);
  const double quotient = fabs(value->m / denominator);
  if (gm_overflows(quotient)) scale->p = GM_OVERFLOWS; /* overflows before lr brings it back */
  if (gm_overflows(g - m_old)) scale->m = scale->p = GM_OVERFLOWS;
}

#endif
