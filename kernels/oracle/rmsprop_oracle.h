/* What the four forms of RMSprop share, from torch.optim's documentation. Without momentum the buffer is the quotient
 * itself, which is what the formula amounts to. */
#ifndef GM_RMSPROP_ORACLE_H
#define GM_RMSPROP_ORACLE_H

#include "oracle/sqrt_quotient.h"

struct rmsprop_oracle {
  double lr, alpha, eps, weight_decay, momentum;
};

struct rmsprop_oracle_state {
  double p, square_avg, grad_avg, buffer;
};

static inline void rmsprop_oracle_step(const struct rmsprop_oracle *h, bool centered, double grad,
                                       struct rmsprop_oracle_state *value, struct rmsprop_oracle_state *scale) {
  const double decay = gm_decay(h->weight_decay, value->p);
  const struct gm_scaled g = {grad + decay, gm_largest(grad, decay, 0)};

  const double decayed = h->alpha * value->square_avg;
  value->square_avg = gm_stored(decayed + (1 - h->alpha) * g.value * g.value);
  scale->square_avg = gm_largest(decayed, (1 - h->alpha) * g.scale * g.scale, 0);
  struct gm_scaled variance = {value->square_avg, scale->square_avg};
  /* The roundings that reach square_avg: two of coefficients, two products, one by g again, one sum, and twice the
   * three of g; the variance has, besides, twice the seven of grad_avg, the square and the difference. */
  double units = 12;
  bool overflows = false;
  if (centered) {
    const double old = value->grad_avg;
    value->grad_avg = old + (1 - h->alpha) * (g.value - old);
    scale->grad_avg = gm_largest(old, g.scale, 0);
    const double square = value->grad_avg * value->grad_avg;
    variance.value -= square;
    variance.scale = gm_largest(variance.scale, scale->grad_avg * scale->grad_avg, 0);
    overflows = gm_overflows(square) || gm_overflows(g.value - old);
    if (gm_overflows(g.value - old)) scale->grad_avg = GM_OVERFLOWS;
    units = 28;
  }

  const struct gm_scaled q = gm_quotient_by_sqrt(g, variance, units, h->eps);
  const double decayed_buffer = h->momentum * value->buffer;
  value->buffer = gm_stored(decayed_buffer + q.value);
  scale->buffer = gm_largest(decayed_buffer, q.scale, 0);
  const double p = value->p;
  value->p = p - h->lr * value->buffer;
  scale->p = gm_largest(p, h->lr * scale->buffer, 0);
  if (overflows || q.scale < 0) scale->p = scale->buffer = GM_OVERFLOWS;
}

#endif
