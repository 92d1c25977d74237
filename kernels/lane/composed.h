/* What ISAs without instructions for it make out of integer arithmetic on a float's bits. */
#ifndef GM_LANE_COMPOSED_H
#define GM_LANE_COMPOSED_H

/* The last bits of the sum are n + 254, of which each factor takes half as its exponent: both are normal numbers, and
 * so is what the first one leaves. A NaN stays one. */
static inline v_f32 v_scale(v_f32 a, v_f32 n, v_f32 sum) {
  (void)n;
  const v_int both = v_bits(sum), half = v_int_halve(both);
  return v_mul(v_mul(a, v_pow2(v_from_bits(half))), v_pow2(v_from_bits(v_int_sub(both, half))));
}

/* The bits of a normal number that is a or a 2^24, less those of 3/4: the fraction wraps where the exponent changes. */
static inline v_int v_normal_bits(v_f32 a, v_mask *subnormal) {
  *subnormal = v_less(a, v_set(0x1p-126f));
  return v_bits(v_select(*subnormal, v_mul(a, v_set(0x1p24f)), a));
}
static inline v_int v_above_three_quarters(v_int bits) { return v_int_sub(bits, v_int_set(0x3f400000U)); }
static inline v_f32 v_exponent_of(v_int above, v_mask subnormal) {
  return v_sub(v_int_value(v_int_exponent(above)), v_where(subnormal, v_set(24.0f)));
}

static inline v_f32 v_split(v_f32 a, v_f32 *exponent) {
  v_mask subnormal;
  const v_int bits = v_normal_bits(a, &subnormal), above = v_above_three_quarters(bits);
  *exponent = v_exponent_of(above, subnormal);
  return v_from_bits(v_int_sub(bits, v_int_and(above, v_int_set(0xff800000U))));
}
static inline v_f32 v_exponent(v_f32 a) {
  v_mask subnormal;
  const v_int bits = v_normal_bits(a, &subnormal);
  return v_exponent_of(v_above_three_quarters(bits), subnormal);
}

#endif
