/* The step of an adaptive optimizer, g / (sqrt(x) + eps), for the oracles of those whose x may have lost digits. */
#ifndef GM_SQRT_QUOTIENT_H
#define GM_SQRT_QUOTIENT_H

#include "oracle/oracle_op.h"

struct gm_scaled {
  double value, scale;
};

/* g / (sqrt(max(x, 0)) + eps). An f32 kernel knows g to some units of its scale and x to `units` units of its own, a
 * unit being that of the last place; for these the op's ULP bound counts units / 2. Where x is small beside its scale,
 * such as a difference of nearly equal numbers, neither the root nor the quotient is a straight line over the range in
 * which the kernel's x may lie. So the scale is taken from the ends of that range: whatever x in it leads to is within
 * the bound, and nothing else is. */
static inline struct gm_scaled gm_quotient_by_sqrt(struct gm_scaled g, struct gm_scaled x, double units, double eps) {
  const double unit = 0x1p-23, denominator = sqrt(fmax(x.value, 0)) + eps;
  struct gm_scaled q = {isnan(x.value) ? x.value : g.value / denominator, FLT_MIN};
  if (!isfinite(q.value) || isinf(x.value)) return q;
  const double moved = units * fmax(x.scale * unit, 0x1p-149);
  const double least = sqrt(fmax(x.value - moved, 0)) + eps, most = sqrt(fmax(x.value + moved, 0)) + eps;
  const double largest = fabs(g.value) / least;
  const double either_way = fmax(largest - fabs(q.value), fabs(q.value) - fabs(g.value) / most);
  q.scale = gm_largest(fmax(g.scale, FLT_MIN) / least, either_way / (units / 2 * unit), FLT_MIN);
  if (isinf(largest) || gm_overflows(largest)) q.scale = GM_OVERFLOWS;
  return q;
}

#endif
