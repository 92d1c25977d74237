/* Elementary functions over lanes, the same operations in the same order on every ISA, so that fused ISAs agree to the
 * bit. Errors are against the exact value; the suite `long` tries every float (tests/kernels/test_math.c). Unless said
 * otherwise, a NaN gives a NaN, infinities and zeros give what the function's limit is, and subnormals are numbers.
 *
 * Polynomials are fitted for the smallest relative error of the whole function, their coefficients rounded to f32 one
 * by one, lowest first, the others fitted again each time. */
#ifndef GM_LANE_MATH_H
#define GM_LANE_MATH_H

#include "lane/lane.h"

/* ln 2 in two parts: up to 2^8 times the upper one is exact. */
#define GM_LN2_UPPER 0x1.62e4p-1f
#define GM_LN2_LOWER 0x1.7f7d1cp-20f

/* ---- exp -------------------------------------------------------------------------------------------------------- */

/* e^r - 1 = r + r^2 q(r), q of degree 4 fitted for |r| <= ln2/2 and the smallest relative error of e^r (2^-28); up to
 * 0.377, which gelu_erf.h comes to, it is 2^-25. */
GM_INLINE v_f32 v_exp_part(v_f32 r) {
  v_f32 q = v_set(0x1.6a23cep-10f);
  q = v_fma(q, r, v_set(0x1.123a2p-7f));
  q = v_fma(q, r, v_set(0x1.5558f2p-5f));
  q = v_fma(q, r, v_set(0x1.555492p-3f));
  q = v_fma(q, r, v_set(0x1.fffffcp-2f));
  return v_fma(v_mul(r, r), q, r);
}

/* e^x for -104 <= x <= 89, or a NaN. Cody and Waite's reduction: x = n ln2 + r. */
GM_INLINE v_f32 v_exp_within(v_f32 x) {
  const v_f32 big = v_set(GM_SCALE_ROUNDER);
  const v_f32 sum = v_fma(x, v_set(0x1.715476p+0f), big), n = v_sub(sum, big);
  v_f32 r = v_fnma(n, v_set(GM_LN2_UPPER), x);
  r = v_fnma(n, v_set(GM_LN2_LOWER), r);
  return v_scale(v_add(v_exp_part(r), v_set(1.0f)), n, sum);
}

/* e^x within 1.01 ulp; 0 below -104, infinity above 88.73, subnormals in between rounded once. */
static inline v_f32 v_exp(v_f32 x) {
  return v_exp_within(v_max(v_set(-104.0f), v_min(v_set(89.0f), x))); /* a NaN passes: it is the second argument */
}

/* The same for x <= 0 or NaN. */
static inline v_f32 v_exp_nonpositive(v_f32 x) { return v_exp_within(v_max(v_set(-104.0f), x)); }

/* ---- log -------------------------------------------------------------------------------------------------------- */

/* ln(1 + f) + e ln2 for an integral e and -1/4 <= f <= 1/2: f - f^2/2 + f^3 p(f), p of degree 7 (2^-27.6). */
GM_INLINE v_f32 v_log_reduced(v_f32 f, v_f32 e) {
  v_f32 p = v_set(-0x1.71e32cp-5f);
  p = v_fma(p, f, v_set(0x1.acf4a8p-4f));
  p = v_fma(p, f, v_set(-0x1.0d98fp-3f));
  p = v_fma(p, f, v_set(0x1.28807ap-3f));
  p = v_fma(p, f, v_set(-0x1.54ed96p-3f));
  p = v_fma(p, f, v_set(0x1.99699ep-3f));
  p = v_fma(p, f, v_set(-0x1.00004ap-2f));
  p = v_fma(p, f, v_set(0x1.5555a4p-2f));
  p = v_fma(p, f, v_set(-0.5f));
  const v_f32 rest = v_fma(e, v_set(GM_LN2_LOWER), v_mul(v_mul(f, f), p));
  return v_fma(e, v_set(GM_LN2_UPPER), v_add(f, rest));
}

/* `log`, the logarithm of x, where it is one; at the ends -infinity for zeros, NaN below, x for infinity and NaN. */
GM_INLINE v_f32 v_log_ends(v_f32 x, v_f32 log) {
  const v_f32 infinity = v_set(__builtin_inff()), nan = v_set(__builtin_nanf(""));
  const v_f32 not_positive = v_add(x, v_select(v_less(x, v_zero()), nan, v_set(-__builtin_inff())));
  return v_select(v_less(v_zero(), x), v_select(v_less(x, infinity), log, x), not_positive);
}

/* ln x within 0.97 ulp; -infinity for either zero, NaN below. */
static inline v_f32 v_log(v_f32 x) {
  v_f32 exponent;
  const v_f32 fraction = v_split(x, &exponent);
  return v_log_ends(x, v_log_reduced(v_sub(fraction, v_set(1.0f)), exponent));
}

/* ln(1 + x) within 1 ulp; -infinity for -1, NaN below; a zero keeps its sign.
 * With e the exponent of 1 + x, f = (1 + x) 2^-e - 1 = x 2^-e + (2^-e - 1) is rounded once, whatever was lost in the
 * sum 1 + x; from 2^25 on that sum is x or next to it, and 2^-e may be too small a number. */
static inline v_f32 v_log1p(v_f32 x) {
  const v_f32 one = v_set(1.0f), sum = v_add(one, x);
  v_f32 e;
  const v_f32 fraction = v_split(sum, &e), unit = v_pow2(v_sub(v_set(GM_POWER_ROUNDER), e));
  const v_f32 f = v_select(v_less(e, v_set(25.0f)), v_fma(x, unit, v_sub(unit, one)), v_sub(fraction, one));
  return v_log_ends(sum, v_copysign(v_log_reduced(f, e), x));
}

/* The same for 0 <= x <= 1 or NaN, within 0.97 ulp: 1 + x or half of it is in the reduced range, unrounded. */
static inline v_f32 v_log1p_unit(v_f32 x) {
  const v_f32 half = v_set(0.5f);
  const v_mask large = v_less(half, x);
  return v_log_reduced(v_select(large, v_fma(x, half, v_set(-0.5f)), x), v_where(large, v_set(1.0f)));
}

/* ---- relu, sigmoid and tanh ------------------------------------------------------------------------------------- */

/* x where it is not below 0; a NaN stays one, and -0 is -0. */
static inline v_f32 v_relu(v_f32 x) { return v_max(v_zero(), x); }

/* 1 / (1 + e^-x) within 1.87 ulp, and 1 less it, 1 / (1 + e^x), within as much; fused within 1.66; both within 2.5
 * 2^-24 of themselves. With z = e^-|x| and w = z / (1 + z) they are 1 - w and w, which is taken as z - z w, so that
 * what the sum and the quotient were rounded by shrinks with z. */
GM_INLINE v_f32 v_sigmoid_part(v_f32 w, v_f32 factor) { return v_fnma(w, factor, factor); }

/* The sigmoid by its z, for who needs that, too. */
GM_INLINE v_f32 v_sigmoid_of(v_f32 x, v_f32 z) {
  const v_f32 one = v_set(1.0f), w = v_div(z, v_add(one, z));
  return v_sigmoid_part(w, v_select(v_less(x, v_zero()), z, one));
}
static inline v_f32 v_sigmoid(v_f32 x) { return v_sigmoid_of(x, v_exp_nonpositive(v_neg_abs(x))); }

GM_INLINE v_f32 v_sigmoid_and_complement(v_f32 x, v_f32 *complement) {
  const v_f32 one = v_set(1.0f), z = v_exp_nonpositive(v_neg_abs(x)), w = v_div(z, v_add(one, z));
  const v_mask negative = v_less(x, v_zero());
  *complement = v_sigmoid_part(w, v_select(negative, one, z));
  return v_sigmoid_part(w, v_select(negative, z, one));
}

/* The hyperbolic tangent within 2 ulp, fused within 1.71; a zero keeps its sign.
 * With h = (e^2|x| - 1) / 2 it is w = h / (1 + h), and where h is small h - h w, as above. From 10 on it is 1.
 * Here |x| = n ln2/2 + r, and h = 2^n (r + r^2 q(r)) + (2^n - 1) / 2 keeps all digits of a small |x|, for which n = 0.
 * Where n = 1 begins, at r < 0, digits cancel: the fewer the later it does, so r is in -1/8 .. 3/8 of ln 2. There q has
 * degree 5 (2^-31). */
static inline v_f32 v_tanh(v_f32 x) {
  const v_f32 magnitude = v_min(v_set(10.0f), v_abs(x)); /* a NaN passes */
  const v_f32 big = v_set(GM_POWER_ROUNDER), late = v_fma(magnitude, v_set(0x1.715476p+1f), v_set(-0.25f));
  const v_f32 sum = v_add(late, big), n = v_sub(sum, big), power = v_pow2(sum);
  v_f32 r = v_fnma(n, v_set(0.5f * GM_LN2_UPPER), magnitude);
  r = v_fnma(n, v_set(0.5f * GM_LN2_LOWER), r);
  v_f32 q = v_set(0x1.df06bap-7f);
  q = v_fma(q, r, v_set(0x1.69a8eep-5f));
  q = v_fma(q, r, v_set(0x1.110fb4p-3f));
  q = v_fma(q, r, v_set(0x1.5555fcp-2f));
  q = v_fma(q, r, v_set(0x1.555554p-1f));
  q = v_fma(q, r, v_set(1.0f));
  const v_f32 half = v_set(0.5f), part = v_fma(v_mul(r, r), q, r);
  const v_f32 h = v_fma(power, part, v_fma(power, half, v_set(-0.5f)));
  const v_f32 w = v_div(h, v_add(v_set(1.0f), h));
  return v_copysign(v_select(v_less(h, half), v_fnma(h, w, h), w), x);
}

#endif
