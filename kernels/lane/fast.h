/* Roots and divisions by hardware estimates and one Newton step. The estimates differ between processors (Intel and
 * AMD, AVX2 and AVX-512), so the bits of a _fast implementation do too; instead its error is bounded by the op's row in
 * ops.def and measured by verify.
 *
 * With an estimate of relative error e, one step leaves 1.5 e^2: below 2^-27 with the 14-bit estimates of AVX-512, below
 * 2^-22 with the 12-bit ones of AVX2. The step corrects the quotient (the root) itself by its exact residual, so the
 * rounding of the estimate does not remain. Special values come out as in IEEE 754: the step then makes NaN out of
 * infinity times zero, and the uncorrected product, which is right there, is kept. */
#ifndef GM_LANE_FAST_H
#define GM_LANE_FAST_H

static inline v_f32 v_quotient(v_f32 a, v_f32 b) {
  const v_f32 r = v_reciprocal_estimate(b);
  const v_f32 q = v_mul(a, r);
  const v_f32 corrected = v_fma(v_fnma(q, b, a), r, q);
  return v_select(v_is_nan(corrected), q, corrected);
}

/* The estimate is held at 2^63, so that the root of zero is zero; roots of subnormals are off by up to 1.1e-19. */
static inline v_f32 v_root(v_f32 a) {
  const v_f32 r = v_min(v_set(0x1p63f), v_rsqrt_estimate(a));
  const v_f32 s = v_mul(a, r);
  const v_f32 corrected = v_fma(v_fnma(s, s, a), v_mul(v_set(0.5f), r), s);
  return v_select(v_less(a, v_set(__builtin_inff())), corrected, a);
}

static inline v_f32 v_quotient_by_root(v_f32 a, v_f32 b) {
  const v_f32 r = v_rsqrt_estimate(b);
  const v_f32 error = v_fnma(v_mul(b, r), r, v_set(1.0f));
  const v_f32 corrected = v_fma(v_mul(v_set(0.5f), r), error, r);
  return v_mul(a, v_select(v_is_nan(corrected), r, corrected));
}

#endif
