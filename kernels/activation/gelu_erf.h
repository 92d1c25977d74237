/* The Gaussian error linear unit x Phi(x) and its slope, Phi the normal distribution function. 1 + erf would lose the
 * digits of its lower end, so it is Phi(-t) = R(t) e^(-t^2/2) there, with t = |x|, and 1 - Phi(-t) above. */
#ifndef GM_ACTIVATION_GELU_ERF_H
#define GM_ACTIVATION_GELU_ERF_H

#include "lane/math.h"

/* |x| up to where e^(-t^2/2), and 2^24 times that, are below any f32; a NaN passes. */
GM_INLINE v_f32 gelu_magnitude(v_f32 x) { return v_min(v_set(15.75f), v_abs(x)); }

/* e^(-t^2/2) = (1 + the result) 2^n, whose `sum` is that of v_scale.
 * t = h + d with h a multiple of 2^-8, so that h^2/2 is exact and d (h + t)/2 is what remains: the rounding of t^2
 * alone would cost 16 ulp at t = 8. */
GM_INLINE v_f32 gelu_exp_part(v_f32 t, v_f32 *n, v_f32 *sum) {
  const v_f32 big = v_set(GM_SCALE_ROUNDER), grid = v_set(0x1.8p15f), half = v_set(0.5f);
  const v_f32 h = v_sub(v_add(t, grid), grid), d = v_sub(t, h), minus_half = v_mul(h, v_set(-0.5f));
  const v_f32 upper = v_mul(h, minus_half);
  *sum = v_fma(upper, v_set(0x1.715476p+0f), big);
  *n = v_sub(*sum, big);
  const v_f32 r = v_fma(d, v_fnma(half, t, minus_half), v_fnma(*n, v_set(GM_LN2_UPPER), upper));
  return v_exp_part(v_fnma(*n, v_set(GM_LN2_LOWER), r));
}

/* R(t) = P(z) / (t + b) with z = (b - t) / (b + t) and b = 43/32: R (t + b) hardly varies, and P, of degree 12, has its
 * digits wherever z has any. Fitted over 0 .. 14.5 for the smallest relative error (2^-27.6) as the polynomials of
 * math.h; b is one for which the first coefficient loses little in f32. *quotient becomes unit / (t + b), the result is
 * P. */
GM_INLINE v_f32 gelu_ratio(v_f32 t, float unit, v_f32 *quotient) {
  const float b = 0x1.58p+0f;
  *quotient = v_div(v_set(unit), v_add(t, v_set(b)));
  const v_f32 z = v_fnma(v_set(2 * b / unit), *quotient, v_set(1.0f));
  v_f32 p = v_set(0x1.3bc9a6p-13f);
  p = v_fma(p, z, v_set(0x1.c84832p-12f));
  p = v_fma(p, z, v_set(0x1.b32a48p-13f));
  p = v_fma(p, z, v_set(-0x1.b7696ep-11f));
  p = v_fma(p, z, v_set(-0x1.09838cp-9f));
  p = v_fma(p, z, v_set(-0x1.1d8e8ep-9f));
  p = v_fma(p, z, v_set(0x1.9b1eep-11f));
  p = v_fma(p, z, v_set(0x1.20da8cp-7f));
  p = v_fma(p, z, v_set(0x1.18bc8p-6f));
  p = v_fma(p, z, v_set(0x1.3e40c2p-9f));
  p = v_fma(p, z, v_set(-0x1.300712p-4f));
  p = v_fma(p, z, v_set(-0x1.293718p-3f));
  return v_fma(p, z, v_set(0x1.2fd05p-1f));
}

/* x Phi(x) within 5 ulp; a zero keeps its sign, and -infinity gives NaN, for it is multiplied by 0.
 * It is -t Phi(-t), to which a positive x is added. */
static inline v_f32 v_gelu_erf(v_f32 x) {
  const v_f32 t = gelu_magnitude(x);
  v_f32 n, sum, quotient;
  const v_f32 part = gelu_exp_part(t, &n, &sum), p = gelu_ratio(t, -1.0f, &quotient);
  const v_f32 tail = v_mul(v_mul(t, quotient), p);
  return v_fma(x, v_unless(v_less(x, v_zero()), v_set(1.0f)), v_scale(v_fma(tail, part, tail), n, sum));
}

/* Phi(x) + x phi(x), phi the density, within 4.8 ulp of the larger of the two; NaN
 * for an infinity. It is 0 or 1 and e^(-t^2/2) times (x / sqrt(2 pi) -+ R): of that 2^24 times and 2^-24 times, for the
 * former has its digits among the subnormals, too. */
static inline v_f32 v_gelu_erf_slope(v_f32 x) {
  const float unit = 0x1p-24f;
  const v_f32 t = gelu_magnitude(x), half = v_set(0.5f), signed_half = v_copysign(half, x), many = v_set(1 / unit);
  v_f32 n, sum, quotient;
  const v_f32 part = gelu_exp_part(t, &n, &sum), exponential = v_scale(v_fma(part, many, many), n, sum);
  const v_f32 p = gelu_ratio(t, 2 * unit, &quotient), twice_ratio = v_mul(quotient, p);
  const v_f32 factor = v_fms(x, v_set(0x1.988454p-2f * unit), v_mul(twice_ratio, signed_half)); /* 1 / sqrt(2 pi) */
  return v_fma(factor, exponential, v_add(half, signed_half));
}

#endif
