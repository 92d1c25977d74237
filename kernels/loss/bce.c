#define GM_ROW "row/bce.def"
#include "body.h"
#include "lane/math.h"
#include "lane/reduce.h"

/* A quotient's estimate is corrected by a remainder, which a difference near the subnormals does not leave. */
#define AWAY_FROM_SUBNORMALS 0x1p64f

struct job {
  const float *probabilities, *targets;
  float *probability_grads;
  float scale; /* 1 / (n AWAY_FROM_SUBNORMALS) */
};

/* max(ln p, -100) for 0 <= p <= 1; what is below the least float has no other value than that. */
GM_INLINE v_f32 log_of(v_f32 p) {
  v_f32 exponent;
  const v_f32 fraction = v_split(v_max(v_set(0x1p-149f), p), &exponent);
  const v_f32 log = v_log_reduced(v_sub(fraction, v_set(1.0f)), exponent);
  return v_max(v_set(-100.0f), log);
}

/* max(ln(1 - p), -100) for 0 <= p <= 1, or a NaN, by p and 1 - p. As v_log1p has it: whatever was lost in 1 - p, of
 * which only the exponent e is used, (1 - p) 2^-e - 1 = (2^-e - 1) - p 2^-e is rounded once. Between 0 and 2^-24 there
 * is no 1 - p. */
GM_INLINE v_f32 log_of_rest(v_f32 p, v_f32 rest) {
  const v_f32 one = v_set(1.0f), least = v_set(0x1p-24f);
  const v_f32 e = v_exponent(v_max(least, rest)), unit = v_pow2(v_sub(v_set(GM_POWER_ROUNDER), e));
  const v_f32 log = v_log_reduced(v_fnma(p, unit, v_sub(unit, one)), e);
  return v_select(v_less(rest, least), v_set(-100.0f), log);
}

GM_INLINE v_f32 step(const void *opaque, size_t i, size_t count, float scale, v_f32 sum) {
  (void)scale;
  const struct job j = *(const struct job *)opaque;
  const v_f32 one = v_set(1.0f), p = v_load(j.probabilities + i, count), t = v_load(j.targets + i, count);
  const v_f32 rest = v_sub(one, p),
              variance = v_max(v_set(1e-12f), v_mul(p, rest)); /* a NaN is in the difference, too */
  const v_f32 difference = v_mul(v_sub(p, t), v_set(AWAY_FROM_SUBNORMALS));
  v_store(j.probability_grads + i, v_mul(v_div(difference, variance), v_set(j.scale)), count);
  return v_add(sum, v_fnma(t, log_of(p), v_mul(v_sub(t, one), log_of_rest(p, rest)))); /* a NaN is in the rest */
}

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)coef, (void)scratch;
  const gm_bce_f32_args a = gm_bce_f32_read(frame);
  const struct job job = {a.probabilities, a.targets, a.probability_grads,
                          (float)(1 / ((double)a.n * (double)AWAY_FROM_SUBNORMALS))};
  double sum = 0;
  for (size_t block = begin; block < end; block += GM_BLOCK) {
    const size_t stop = end - block < GM_BLOCK ? end : block + GM_BLOCK;
    sum += lane_sum(step, &job, 1.0f, LANE_HEAVY, block, stop);
  }
  return sum;
}

GM_BODY(bce, f32) = {.run = run};
