/* Divisions by hardware estimates and one Newton step. The estimates differ between processors (Intel and AMD, AVX2 and
 * AVX-512), so the bits of a _fast implementation do too; instead its error is bounded by the op's row in ops.def and
 * measured by verify.
 *
 * With an estimate of relative error e, one step leaves 1.5 e^2: below 2^-27 with the 14-bit estimates of AVX-512,
 * below 2^-22 with the 12-bit ones of AVX2. The step corrects the quotient itself by its exact residual, so the
 * rounding of the estimate does not remain. Special values come out as in IEEE 754: the step then makes NaN out of
 * infinity times zero, and the uncorrected product, which is right there, is kept.
 *
 * Where this differs from IEEE 754, which no op of the suite notices: a quotient of zero may lose its sign; a quotient
 * near FLT_MAX may be infinite; where the residual is subnormal (a dividend below 2^-102) up to one unit in the last
 * place comes on top. AVX2's estimates take a subnormal argument as zero, and a divisor from 2^126 on as infinite.
 */
#ifndef GM_LANE_FAST_H
#define GM_LANE_FAST_H

static inline v_f32 v_quotient(v_f32 a, v_f32 b) {
  const v_f32 r = v_reciprocal_estimate(b);
  const v_f32 q = v_mul(a, r);
  const v_f32 corrected = v_fma(v_fnma(q, b, a), r, q);
  return v_select(v_is_nan(corrected), q, corrected);
}

/* There is no estimate of v_sqrt: a divider that takes a square root works beside the multiply-adds, which the quotient
 * above keeps busy, and Adam is faster so than with both estimated (by 1.1 to 1.2 times on a Sapphire Rapids core, L2).
 */
static inline v_f32 v_mul_rsqrt(v_f32 a, v_f32 b) {
  const v_f32 r = v_rsqrt_estimate(b);
  const v_f32 error = v_fnma(v_mul(b, r), r, v_set(1.0f));
  const v_f32 corrected = v_fma(v_mul(v_set(0.5f), r), error, r);
  return v_mul(a, v_select(v_is_nan(corrected), r, corrected));
}

#endif
