/* Elementary functions over lanes, the same operations in the same order on every ISA, so that fused ISAs agree to the
 * bit. Errors are against the exact value. */
#ifndef GM_LANE_MATH_H
#define GM_LANE_MATH_H

#include "lane/lane.h"

/* e^x for -104 <= x <= 89, or a NaN.
 * Cody and Waite's reduction: x = n ln2 + r with |r| <= ln2/2, e^r = 1 + r + r^2 q(r), q of degree 4 fitted for the
 * smallest relative error (2^-28). Adding 1.5 * 2^23 rounds to an integer with the multiplication that comes before it;
 * rounding instructions take longer. */
GM_INLINE v_f32 v_exp_within(v_f32 x) {
  const v_f32 big = v_set(0x1.8p23f);
  const v_f32 n = v_sub(v_fma(x, v_set(0x1.715476p+0f), big), big);
  v_f32 r = v_fnma(n, v_set(0x1.62e4p-1f), x); /* ln2's upper bits: n times it is exact */
  r = v_fnma(n, v_set(0x1.7f7d1cp-20f), r);
  v_f32 q = v_set(0x1.6a23cep-10f);
  q = v_fma(q, r, v_set(0x1.123a2p-7f));
  q = v_fma(q, r, v_set(0x1.5558f2p-5f));
  q = v_fma(q, r, v_set(0x1.555492p-3f));
  q = v_fma(q, r, v_set(0x1.fffffcp-2f));
  return v_scale(v_add(v_fma(v_mul(r, r), q, r), v_set(1.0f)), n);
}

/* e^x within 1.01 ulp (every float was tried); 0 below -104, infinity above 88.73, subnormals in between rounded once.
 */
static inline v_f32 v_exp(v_f32 x) {
  return v_exp_within(v_max(v_set(-104.0f), v_min(v_set(89.0f), x))); /* a NaN passes: it is the second argument */
}

/* The same for x <= 0 or NaN. */
static inline v_f32 v_exp_nonpositive(v_f32 x) { return v_exp_within(v_max(v_set(-104.0f), x)); }

#endif
