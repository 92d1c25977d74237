/* Compiled once per ISA: gives it away as lane_probe_<isa>. */
#include "lane_probe.h"

#include "activation/gelu_erf.h"
#include "lane/lane.h"
#include "lane/math.h"
#include "lane/reduce.h"

static size_t clip(size_t left) { return left < V_WIDTH ? left : V_WIDTH; }

static void load(const float *p, size_t count, float *lanes) { v_store(lanes, v_load(p, count), V_WIDTH); }
static void load_or(const float *p, size_t count, const float *other, float *lanes) {
  v_store(lanes, v_load_or(p, count, v_load(other, V_WIDTH)), V_WIDTH);
}
static void keep(const float *a, size_t count, float *lanes) {
  v_store(lanes, v_keep(v_load(a, V_WIDTH), count), V_WIDTH);
}
static void store(float *p, size_t count, const float *lanes) { v_store(p, v_load(lanes, V_WIDTH), count); }
static void load_i8(const int8_t *p, size_t count, float *lanes) { v_store(lanes, v_load_i8(p, count), V_WIDTH); }
static void store_i8(int8_t *p, size_t count, const float *lanes) { v_store_i8(p, v_load(lanes, V_WIDTH), count); }
static void set(float x, float *lanes) { v_store(lanes, v_set(x), V_WIDTH); }
static void transpose(float *to, size_t to_step, const float *from, size_t from_step, size_t rows, size_t columns) {
  v_transpose(to, to_step, from, from_step, rows, columns);
}
static float sum_of_lanes(const float *lanes) { return v_sum(v_load(lanes, V_WIDTH)); }

static float largest(const float *lanes) { return v_largest(v_load(lanes, V_WIDTH)); }

/* What has one argument less in the tests. */
GM_INLINE v_f32 power(v_f32 n) { return v_pow2(v_add(n, v_set(GM_POWER_ROUNDER))); }
GM_INLINE v_f32 scaled(v_f32 a, v_f32 n) { return v_scale(a, n, v_add(n, v_set(GM_SCALE_ROUNDER))); }
GM_INLINE v_f32 fraction(v_f32 a) {
  v_f32 exponent;
  return v_split(a, &exponent);
}
GM_INLINE v_f32 split_exponent(v_f32 a) {
  v_f32 exponent;
  (void)v_split(a, &exponent);
  return exponent;
}
#define v_pow2 power
#define v_scale scaled
#define v_fraction fraction
#define v_split_exponent split_exponent

#define F(name)                                                                                                  \
  static void probe_##name(const float *a, float *out, size_t n) {                                               \
    for (size_t i = 0; i < n; i += V_WIDTH) v_store(out + i, v_##name(v_load(a + i, clip(n - i))), clip(n - i)); \
  }
LANE_UNARY(F)
#undef F

#define F(name)                                                                      \
  static void probe_##name(const float *a, const float *b, float *out, size_t n) {   \
    for (size_t i = 0; i < n; i += V_WIDTH) {                                        \
      const size_t count = clip(n - i);                                              \
      v_store(out + i, v_##name(v_load(a + i, count), v_load(b + i, count)), count); \
    }                                                                                \
  }
LANE_BINARY(F)
#undef F

#define F(name)                                                                                            \
  static void probe_##name(const float *a, const float *b, const float *c, float *out, size_t n) {         \
    for (size_t i = 0; i < n; i += V_WIDTH) {                                                              \
      const size_t count = clip(n - i);                                                                    \
      v_store(out + i, v_##name(v_load(a + i, count), v_load(b + i, count), v_load(c + i, count)), count); \
    }                                                                                                      \
  }
LANE_TERNARY(F)
#undef F

static void probe_is_nan(const float *a, float *out, size_t n) {
  for (size_t i = 0; i < n; i += V_WIDTH) {
    const size_t count = clip(n - i);
    v_store(out + i, v_select(v_is_nan(v_load(a + i, count)), v_set(1.0f), v_zero()), count);
  }
}

static void probe_less(const float *a, const float *b, float *out, size_t n) {
  for (size_t i = 0; i < n; i += V_WIDTH) {
    const size_t count = clip(n - i);
    v_store(out + i, v_select(v_less(v_load(a + i, count), v_load(b + i, count)), v_set(1.0f), v_zero()), count);
  }
}

static void probe_where(const float *a, const float *b, const float *c, float *out, size_t n) {
  for (size_t i = 0; i < n; i += V_WIDTH) {
    const size_t count = clip(n - i);
    const v_mask less = v_less(v_load(a + i, count), v_load(b + i, count));
    v_store(out + i, v_where(less, v_load(c + i, count)), count);
  }
}

static void probe_unless(const float *a, const float *b, const float *c, float *out, size_t n) {
  for (size_t i = 0; i < n; i += V_WIDTH) {
    const size_t count = clip(n - i);
    const v_mask less = v_less(v_load(a + i, count), v_load(b + i, count));
    v_store(out + i, v_unless(less, v_load(c + i, count)), count);
  }
}

static void probe_select(const float *a, const float *b, const float *yes, const float *no, float *out, size_t n) {
  for (size_t i = 0; i < n; i += V_WIDTH) {
    const size_t count = clip(n - i);
    const v_mask less = v_less(v_load(a + i, count), v_load(b + i, count));
    v_store(out + i, v_select(less, v_load(yes + i, count), v_load(no + i, count)), count);
  }
}

struct visited {
  unsigned char *visits;
};

GM_INLINE void visit_step(const void *opaque, size_t i, size_t count) {
  const struct visited j = *(const struct visited *)opaque;
  if (count == 0 || count > V_WIDTH) j.visits[i] = (unsigned char)(j.visits[i] + 100);
  for (size_t k = 0; k < count; k++) j.visits[i + k]++;
}

static void visit(unsigned char *visits, size_t begin, size_t end) {
  const struct visited job = {visits};
  lane_loop(visit_step, &job, begin, end);
}

GM_INLINE v_f32 add(const void *x, size_t i, size_t count, float scale, v_f32 sum) {
  (void)scale;
  return v_add(sum, v_load((const float *)x + i, count));
}

GM_INLINE v_f32 add_square(const void *job, size_t i, size_t count, float scale, v_f32 sum) {
  v_f32 x = v_load((const float *)job + i, count);
  if (scale != 1.0f) x = v_mul(x, v_set(scale));
  return v_fma(x, x, sum);
}

GM_INLINE v_f32 add_magnitude(const void *job, size_t i, size_t count, float scale, v_f32 sum) {
  const v_f32 x = v_abs(v_load((const float *)job + i, count));
  return v_add(sum, scale == 1.0f ? x : v_mul(x, v_set(scale)));
}

static float sum(const float *x, size_t begin, size_t end) { return lane_sum(add, x, 1.0f, LANE_HEAVY, begin, end); }
static float sum_of_fma(const float *x, size_t begin, size_t end) {
  return lane_sum(add_square, x, 1.0f, LANE_LIGHT, begin, end);
}
static float sum_short(const float *x, size_t count) { return lane_sum_short(add, x, 1.0f, count); }
static double sum_of_magnitudes(const float *x, size_t begin, size_t end) {
  return lane_sum_of_magnitudes(add_magnitude, x, LANE_LIGHT, begin, end);
}
static double sum_of_squares(const float *x, size_t begin, size_t end) {
  return lane_sum_of_squares(add_square, x, begin, end);
}

extern const lane_probe GM_NAMED(lane_probe);
const lane_probe GM_NAMED(lane_probe) = {
    .width = V_WIDTH,
    .fast = GM_FAST,
    .fused = V_FUSED,
    .load = load,
    .load_or = load_or,
    .keep = keep,
    .store = store,
    .load_i8 = load_i8,
    .store_i8 = store_i8,
    .set = set,
    .transpose = transpose,
    .sum_of_lanes = sum_of_lanes,
    .largest = largest,
    .longest_short = LANE_SHORT,
    .sum_short = sum_short,
    .sum_of_magnitudes = sum_of_magnitudes,
#define F(name) .name = probe_##name,
    LANE_UNARY(F) LANE_BINARY(F) LANE_TERNARY(F)
#undef F
        .is_nan = probe_is_nan,
    .less = probe_less,
    .select = probe_select,
    .where = probe_where,
    .unless = probe_unless,
    .visit = visit,
    .sum = sum,
    .sum_of_fma = sum_of_fma,
    .sum_of_squares = sum_of_squares,
    .largest_finite = lane_largest_finite,
};
