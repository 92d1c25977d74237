/* What lane.h, fast.h and reduce.h promise, for the lanes of one ISA (PROBED). */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lane_probe.h"
#include "support.h"

#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)

extern const lane_probe PASTE(lane_probe_, PROBED);
static const lane_probe *const lanes = &PASTE(lane_probe_, PROBED);

/* Values go through the probe in batches; a batch is a multiple of any vector's width. */
enum { BATCH = 4096 };
static int batches;
static float a[BATCH], b[BATCH], c[BATCH], d[BATCH], out[BATCH];

/* Fills x with any pattern of bits and sprinkles special values over it. */
static void fill_any(float *x, uint64_t *state) {
  for (size_t i = 0; i < BATCH; i++)
    x[i] = random_bits(state) % 8 ? random_pattern(state) : special_values[random_bits(state) % special_count];
}

/* Every pair of special values comes first. */
static void fill_pairs(float *x, float *y, uint64_t *state, int batch) {
  fill_any(x, state);
  fill_any(y, state);
  if (batch > 0) return;
  assert_true(special_count * special_count <= BATCH);
  for (size_t i = 0; i < special_count * special_count; i++)
    x[i] = special_values[i / special_count], y[i] = special_values[i % special_count];
}

static void check(const char *what, size_t i, float got, float wanted) {
  if (!same_float(got, wanted))
    fail_msg("%s(%a, %a, %a) is %a, not %a", what, (double)a[i], (double)b[i], (double)c[i], (double)got,
             (double)wanted);
}

/* The bits must be those wanted, NaN's too: for functions that only move bits. */
static void check_bits(const char *what, size_t i, float got, uint32_t wanted) {
  if (bits_of(got) != wanted) fail_msg("%s(%a): bits %08x, not %08x", what, (double)a[i], bits_of(got), wanted);
}

/* ---- memory ----------------------------------------------------------------------------------------------------- */

/* A step outside of the pages is a SIGSEGV, which cmocka reports. */
static void loads_touch_nothing_else(void **unused) {
  (void)unused;
  struct pages pages = pages_get(1);
  const size_t floats = (size_t)(pages.end - pages.begin) / sizeof(float);
  float *first = (float *)pages.begin, *end = (float *)pages.end;
  for (size_t i = 0; i < floats; i++) first[i] = (float)(i + 1);
  for (size_t count = 0; count <= lanes->width; count++)
    for (int side = 0; side < 2; side++) {
      const float *p = side ? first : end - count;
      for (size_t i = 0; i < lanes->width; i++) out[i] = NAN;
      lanes->load(p, count, out);
      for (size_t i = 0; i < lanes->width; i++)
        if (bits_of(out[i]) != (i < count ? bits_of(p[i]) : 0))
          fail_msg("lane %zu of a load of %zu is %g", i, count, (double)out[i]);
    }
  lanes->load(end, 0, out);
  lanes->load(first - lanes->width, 0, out);
  const size_t beyond[] = {lanes->width + 1, 3 * lanes->width, 1000, (size_t)1 << 33, SIZE_MAX / 4};
  for (size_t k = 0; k < COUNT_OF(beyond); k++) {
    lanes->load(end - lanes->width, beyond[k], out);
    assert_memory_equal(out, end - lanes->width, lanes->width * sizeof *out);
  }
  pages_free(pages);
}

static void partial_vectors_are_filled_up(void **unused) {
  (void)unused;
  struct pages pages = pages_get(1);
  float *first = (float *)pages.begin, *end = (float *)pages.end;
  for (size_t i = 0; i < lanes->width; i++) first[i] = end[-1 - (ptrdiff_t)i] = NAN, a[i] = -(float)i;
  lanes->load_or(end, 0, a, out);
  assert_memory_equal(out, a, lanes->width * sizeof *out);
  for (size_t count = 0; count <= lanes->width + 1; count++)
    for (int side = 0; side < 2; side++) {
      const float *p = side || count > lanes->width ? first : end - count;
      lanes->load_or(p, count, a, out);
      for (size_t i = 0; i < lanes->width; i++)
        if (bits_of(out[i]) != bits_of(i < count ? p[i] : a[i]))
          fail_msg("lane %zu of a load of %zu over others is %g", i, count, (double)out[i]);
      lanes->keep(first, count, out);
      for (size_t i = 0; i < lanes->width; i++)
        if (bits_of(out[i]) != (i < count ? bits_of(first[i]) : 0))
          fail_msg("lane %zu of %zu kept is %g", i, count, (double)out[i]);
    }
  pages_free(pages);
}

static void stores_touch_nothing_else(void **unused) {
  (void)unused;
  struct pages pages = pages_get(1);
  const size_t bytes = (size_t)(pages.end - pages.begin);
  for (size_t i = 0; i < lanes->width; i++) a[i] = (float)(i + 1);
  for (size_t count = 0; count <= lanes->width; count++)
    for (size_t offset = 0; offset <= 3 * lanes->width; offset++)
      for (int side = 0; side < 2; side++) {
        const size_t size = count * sizeof(float), shift = offset * sizeof(float);
        unsigned char *at = side ? pages.begin + shift : pages.end - size - shift;
        memset(pages.begin, 0x5a, bytes);
        lanes->store((float *)(void *)at, count, a);
        assert_memory_equal(at, a, size);
        for (const unsigned char *p = pages.begin; p < pages.end; p++)
          if ((p < at || p >= at + size) && *p != 0x5a)
            fail_msg("a store of %zu changed the byte at %td", count, p - at);
      }
  lanes->store((float *)(void *)pages.end, 0, a);
  memset(pages.begin, 0x5a, bytes);
  lanes->store((float *)(void *)pages.begin, SIZE_MAX / 4, a);
  assert_memory_equal(pages.begin, a, lanes->width * sizeof *a);
  assert_int_equal(pages.begin[lanes->width * sizeof *a], 0x5a);
  pages_free(pages);
}

/* Every code at every place, both ways, at page ends. */
static void bytes_are_whole_numbers(void **unused) {
  (void)unused;
  struct pages pages = pages_get(1);
  int8_t *const first = (int8_t *)pages.begin, *const end = (int8_t *)pages.end;
  for (int code = -128; code < 128; code++)
    for (size_t count = 0; count <= lanes->width + 1; count++)
      for (int side = 0; side < 2; side++) {
        const size_t inside = count < lanes->width ? count : lanes->width;
        int8_t *const p = side ? first : end - count;
        memset(first, 0x5a, (size_t)(end - first));
        for (size_t i = 0; i < count; i++) p[i] = (int8_t)(code + 13 * (int)i);
        for (size_t i = 0; i < lanes->width; i++) out[i] = NAN;
        lanes->load_i8(p, count, out);
        for (size_t i = 0; i < lanes->width; i++)
          if (out[i] != (i < inside ? (float)p[i] : 0.0f))
            fail_msg("lane %zu of a load of %zu bytes is %g", i, count, (double)out[i]);
        for (size_t i = 0; i < lanes->width; i++) a[i] = (float)(int8_t)(code + 7 * (int)i);
        lanes->store_i8(p, count, a);
        for (size_t i = 0; i < inside; i++) assert_int_equal(p[i], (int8_t)(code + 7 * (int)i));
        for (const int8_t *q = first; q < end; q++)
          if ((q < p || q >= p + count) && *q != 0x5a) fail_msg("a store of %zu changed the byte at %td", count, q - p);
        if (count > inside) assert_int_equal(p[inside], (int8_t)(code + 13 * (int)inside));
      }
  pages_free(pages);
}

/* Stored to the nearest whole number, ties to even. */
static void bytes_are_rounded(void **unused) {
  (void)unused;
  for (int k = -1280; k <= 1270; k++) {
    const int whole = k / 10;
    const float tenth = (float)k / 10, half = (float)whole + 0.5f;
    const float values[] = {tenth, half < 127 ? half : 127, nextafterf(half, -300), fminf(nextafterf(half, 300), 127)};
    for (size_t v = 0; v < COUNT_OF(values); v++) {
      int8_t got[64];
      for (size_t i = 0; i < lanes->width; i++) a[i] = values[v];
      lanes->store_i8(got, lanes->width, a);
      for (size_t i = 0; i < lanes->width; i++)
        if (got[i] != (int)rintf(values[v])) fail_msg("%a is stored as %d", (double)values[v], got[i]);
    }
  }
}

static void the_largest_is_finite(void **unused) {
  (void)unused;
  uint64_t state = test_seed() + 13;
  for (int round = 0; round < 300; round++) {
    fill_any(a, &state);
    const size_t length = round < 200 ? (size_t)round : BATCH - (size_t)round, begin = (size_t)round % 3;
    for (size_t i = 0; i < BATCH; i++)
      if (round % 2 && isinf(a[i])) a[i] = 1;
    float wanted = 0;
    for (size_t i = begin; i < begin + length && i < BATCH; i++)
      if (isfinite(a[i]) && fabsf(a[i]) > wanted) wanted = fabsf(a[i]);
    const size_t end = begin + length < BATCH ? begin + length : BATCH;
    const float got = lanes->largest_finite(a, begin, end);
    if (!same_float(got, wanted)) fail_msg("the largest of %zu is %a, not %a", length, (double)got, (double)wanted);
  }
}

static void set_fills_every_lane(void **unused) {
  (void)unused;
  for (size_t k = 0; k < special_count; k++) {
    lanes->set(special_values[k], out);
    for (size_t i = 0; i < lanes->width; i++) assert_true(same_float(out[i], special_values[k]));
  }
}

/* Both matrices end at an inaccessible page; between the rows of what is written nothing changes. */
static void transpose_touches_nothing_else(void **unused) {
  (void)unused;
  struct pages source = pages_get(4), target = pages_get(4);
  const size_t width = lanes->width, counts[] = {width + 1, SIZE_MAX / 8};
  for (size_t rows = 1; rows <= width; rows++)
    for (size_t columns = 1; columns <= width; columns++)
      for (size_t gap = 0; gap <= 3; gap += 3) {
        const size_t from_step = columns + gap, to_step = rows + gap;
        const size_t from_size = (rows - 1) * from_step + columns, to_size = (columns - 1) * to_step + rows;
        float *from = (float *)(void *)source.end - from_size, *to = (float *)(void *)target.end - to_size;
        for (size_t i = 0; i < from_size; i++) from[i] = (float)(i + 1);
        for (size_t i = 0; i < to_size; i++) to[i] = -1;
        lanes->transpose(to, to_step, from, from_step, rows == width ? counts[gap % 2] : rows,
                         columns == width ? counts[gap % 2] : columns);
        for (size_t i = 0; i < to_size; i++) {
          const size_t row = i % to_step, column = i / to_step;
          const float wanted = row < rows ? from[row * from_step + column] : -1;
          if (to[i] != wanted)
            fail_msg("%zu x %zu: [%zu] is %g, not %g", rows, columns, i, (double)to[i], (double)wanted);
        }
      }
  pages_free(source);
  pages_free(target);
}

/* ---- arithmetic ------------------------------------------------------------------------------------------------- */

static void arithmetic_is_correctly_rounded(void **unused) {
  (void)unused;
  uint64_t state = test_seed();
  for (int batch = 0; batch < batches; batch++) {
    fill_pairs(a, b, &state, batch);
    lanes->add(a, b, out, BATCH);
    for (size_t i = 0; i < BATCH; i++) check("add", i, out[i], a[i] + b[i]);
    lanes->sub(a, b, out, BATCH);
    for (size_t i = 0; i < BATCH; i++) check("sub", i, out[i], a[i] - b[i]);
    lanes->mul(a, b, out, BATCH);
    for (size_t i = 0; i < BATCH; i++) check("mul", i, out[i], a[i] * b[i]);
  }
}

static void quotients_and_roots_are_correctly_rounded(void **unused) {
  (void)unused;
  uint64_t state = test_seed() + 1;
  for (int batch = 0; batch < batches; batch++) {
    fill_pairs(a, b, &state, batch);
    lanes->div(a, b, out, BATCH);
    for (size_t i = 0; i < BATCH; i++) {
      check("div", i, out[i], a[i] / b[i]);
      /* Of normal numbers, double's quotient rounded again is the correctly rounded one: 53 >= 2 24 + 2. */
      const double quotient = (double)a[i] / (double)b[i];
      if (fabs(quotient) > FLT_MIN && fabs(quotient) < FLT_MAX) check("div", i, out[i], (float)quotient);
    }
    lanes->sqrt(a, out, BATCH);
    for (size_t i = 0; i < BATCH; i++) check("sqrt", i, out[i], (float)sqrt((double)a[i]));
  }
}

/* Products and sums whose first rounding changes the second: to f32, and to double. */
static const float rounded_twice[][3] = {
    {0x1.001p0f, 0x1.ffep-1f, -1.0f},                  /* 1 - 2^-24 - 1: an f32 product loses all of it */
    {0x1.000002p-12f, 0x1.fffffcp-13f, 0x1.000002p0f}, /* just below a tie, which a double sum rounds to the tie */
    {-0x1.000002p-12f, 0x1.fffffcp-13f, -0x1.000002p0f},
    {0x1.fffffep127f, 2.0f, -FLT_MAX}, /* the product alone overflows */
    {0x1p-100f, 0x1p-100f, 0x1p-149f}, /* the product alone vanishes */
    {0x1p-75f, -0x1p-75f, 0x1p-149f},  /* half of the smallest subnormal: a tie to even */
};

static bool promised_fused;

/* An ISA that promises the fused bits must fuse, and one that does not is worth a look. */
static void fuses_as_its_row_says(void **unused) {
  (void)unused;
  assert_true(lanes->fused == (promised_fused || lanes->fast)); /* a fast one differs by its estimates alone */
}

static void fma_rounds_once(void **unused) {
  (void)unused;
  uint64_t state = test_seed() + 2;
  for (int batch = 0; batch < batches; batch++) {
    fill_pairs(a, b, &state, batch);
    fill_any(c, &state);
    if (batch % 2)
      for (size_t i = 0; i < BATCH; i++) { /* like magnitudes, so that sums cancel */
        a[i] = random_between(&state, -2, 2), b[i] = random_between(&state, -2, 2);
        c[i] = -a[i] * b[i] * (random_bits(&state) % 2 ? 1 : random_between(&state, 0, 2));
      }
    for (size_t i = 0; batch == 0 && i < COUNT_OF(rounded_twice); i++)
      a[i] = rounded_twice[i][0], b[i] = rounded_twice[i][1], c[i] = rounded_twice[i][2];
    lanes->fma(a, b, c, out, BATCH);
    for (size_t i = 0; i < BATCH; i++)
      check("fma", i, out[i], lanes->fused ? fmaf(a[i], b[i], c[i]) : a[i] * b[i] + c[i]);
    lanes->fnma(a, b, c, out, BATCH);
    for (size_t i = 0; i < BATCH; i++)
      check("fnma", i, out[i], lanes->fused ? fmaf(-a[i], b[i], c[i]) : -a[i] * b[i] + c[i]);
    lanes->fms(a, b, c, out, BATCH);
    for (size_t i = 0; i < BATCH; i++)
      check("fms", i, out[i], lanes->fused ? fmaf(a[i], b[i], -c[i]) : a[i] * b[i] - c[i]);
  }
  if (!lanes->fused) return;
  for (size_t i = 0; i < 3; i++) /* the reference itself, by hand */
    a[i] = rounded_twice[i][0], b[i] = rounded_twice[i][1], c[i] = rounded_twice[i][2];
  lanes->fma(a, b, c, out, BATCH);
  assert_true(out[0] == -0x1p-24f && out[1] == 0x1.000002p0f && out[2] == -0x1.000002p0f);
}

/* ---- comparing, choosing, signs --------------------------------------------------------------------------------- */

static void comparisons_follow_one_nan_rule(void **unused) {
  (void)unused;
  uint64_t state = test_seed() + 3;
  for (int batch = 0; batch < batches / 10; batch++) {
    fill_pairs(a, b, &state, batch);
    fill_any(c, &state);
    fill_any(d, &state);
    lanes->max(a, b, out, BATCH);
    for (size_t i = 0; i < BATCH; i++) check("max", i, out[i], a[i] > b[i] ? a[i] : b[i]);
    lanes->min(a, b, out, BATCH);
    for (size_t i = 0; i < BATCH; i++) check("min", i, out[i], a[i] < b[i] ? a[i] : b[i]);
    lanes->less(a, b, out, BATCH);
    for (size_t i = 0; i < BATCH; i++) check("less", i, out[i], a[i] < b[i] ? 1.0f : 0.0f);
    lanes->is_nan(a, out, BATCH);
    for (size_t i = 0; i < BATCH; i++) check("is_nan", i, out[i], isnan(a[i]) ? 1.0f : 0.0f);
    lanes->select(a, b, c, d, out, BATCH);
    for (size_t i = 0; i < BATCH; i++) check_bits("select", i, out[i], bits_of(a[i] < b[i] ? c[i] : d[i]));
    lanes->where(a, b, c, out, BATCH);
    for (size_t i = 0; i < BATCH; i++) check_bits("where", i, out[i], a[i] < b[i] ? bits_of(c[i]) : 0);
    lanes->unless(a, b, c, out, BATCH);
    for (size_t i = 0; i < BATCH; i++) check_bits("unless", i, out[i], a[i] < b[i] ? 0 : bits_of(c[i]));
  }
}

/* By value: which of two zeros is left open. */
static void largest_lane_wherever_it_is(void **unused) {
  (void)unused;
  uint64_t state = test_seed() + 13;
  for (int i = 0; i < 10000; i++) {
    float wanted = -INFINITY;
    for (size_t lane = 0; lane < lanes->width; lane++) {
      do a[lane] = i % 2 ? random_pattern(&state) : special_values[random_bits(&state) % special_count];
      while (isnan(a[lane]));
      if (a[lane] > wanted) wanted = a[lane];
    }
    const float got = lanes->largest(a);
    if (got != wanted) fail_msg("the largest lane is %a, not %a", (double)got, (double)wanted);
  }
}

static void signs_are_bits(void **unused) {
  (void)unused;
  const uint32_t sign = 0x80000000U;
  uint64_t state = test_seed() + 4;
  for (int batch = 0; batch < batches / 10; batch++) {
    fill_pairs(a, b, &state, batch);
    lanes->neg(a, out, BATCH);
    for (size_t i = 0; i < BATCH; i++) check_bits("neg", i, out[i], bits_of(a[i]) ^ sign);
    lanes->abs(a, out, BATCH);
    for (size_t i = 0; i < BATCH; i++) check_bits("abs", i, out[i], bits_of(a[i]) & ~sign);
    lanes->neg_abs(a, out, BATCH);
    for (size_t i = 0; i < BATCH; i++) check_bits("neg_abs", i, out[i], bits_of(a[i]) | sign);
    for (size_t i = 0; i < BATCH; i++) c[i] = from_bits(bits_of(a[i]) & (bits_of(b[i]) | ~sign));
    lanes->copysign(c, b, out, BATCH);
    for (size_t i = 0; i < BATCH; i++)
      check_bits("copysign", i, out[i], (bits_of(a[i]) & ~sign) | (bits_of(b[i]) & sign));
  }
}

/* ---- scaling ------------------------------------------------------------------------------------------------------
 */

static void scale_rounds_once(void **unused) {
  (void)unused;
  uint64_t state = test_seed() + 6;
  for (int n = -252; n <= 254; n++) {
    for (size_t i = 0; i < BATCH; i++) {
      /* With the last bit set there are ties to break wherever the result is subnormal. */
      const float x = i % 2 ? from_bits(bits_of(random_between(&state, 0.5f, 2)) | 1) : random_between(&state, 0.5f, 2);
      a[i] = i < 4 ? (const float[]){0.5f, 1.0f, 1.5f, 2.0f}[i] : x;
      if (i % 3 == 0) a[i] = -a[i];
      b[i] = (float)n;
    }
    lanes->scale(a, b, out, BATCH);
    for (size_t i = 0; i < BATCH; i++) check("scale", i, out[i], (float)ldexp((double)a[i], n));
  }
  a[0] = b[0] = NAN;
  lanes->scale(a, b, out, BATCH);
  assert_true(isnan(out[0]));
}

static void power_of_two_is_exact(void **unused) {
  (void)unused;
  for (int n = -126; n <= 127; n++) a[n + 126] = (float)n;
  lanes->pow2(a, out, 254);
  for (size_t i = 0; i < 254; i++) check("pow2", i, out[i], ldexpf(1, (int)i - 126));
}

/* Of every positive finite number: fraction 2^exponent is the number, and the fraction in 3/4 .. 3/2. */
static void fraction_and_exponent_are_the_number(void **unused) {
  (void)unused;
  uint64_t state = test_seed() + 13;
  for (int batch = 0; batch < batches; batch++) {
    fill_any(a, &state);
    for (size_t i = 0; i < BATCH; i++) {
      a[i] = fabsf(a[i]);
      if (!(a[i] > 0 && a[i] < INFINITY)) a[i] = 1.5f;
      if (i % 8 == 0) a[i] = ldexpf(1.5f, (int)(random_bits(&state) % 276) - 148); /* where the fraction changes */
      if (i % 8 == 1) a[i] = nextafterf(a[i - 1], 0);
    }
    lanes->fraction(a, out, BATCH);
    lanes->exponent(a, b, BATCH);
    lanes->split_exponent(a, c, BATCH);
    assert_memory_equal(b, c, sizeof b);
    for (size_t i = 0; i < BATCH; i++)
      if (!(out[i] >= 0.75f && out[i] < 1.5f && (double)a[i] == ldexp((double)out[i], (int)b[i])))
        fail_msg("%a is not %a 2^%g", (double)a[i], (double)out[i], (double)b[i]);
  }
}

/* ---- estimates and their Newton steps --------------------------------------------------------------------------- */

/* With e the estimate's relative error (from the ISA's manual), e^2 is left of a quotient and 1.5 e^2 of a reciprocal
 * root; a unit in the last place is at least 2^-24; the last operation rounds by half a unit, and of mul_rsqrt
 * the last two, of which the first counts double at worst. Roots are not estimated. */
struct bounds {
  double quotient, mul_rsqrt;
};

static struct bounds fast_bounds(void) {
  static const struct {
    const char *isa;
    double estimate;
  } row[] = {{"avx2_fast", 1.5 * 0x1p-12}, {"avx512_fast", 0x1p-14}};
  for (size_t i = 0; i < COUNT_OF(row); i++)
    if (strcmp(row[i].isa, TEXT(PROBED)) == 0) {
      const double square = row[i].estimate * row[i].estimate * 0x1p24;
      return (struct bounds){square + 0.6, 1.5 * square + 1.6};
    }
  fail_msg("no error of the estimates of %s is known here: add its row", TEXT(PROBED));
  return (struct bounds){0, 0};
}

static double worst_quotient, worst_mul_rsqrt;

/* For dividends of 2^a_low .. 2^a_high; the same for divisors and arguments of roots. Quotients that leave the normal
 * numbers are not counted. */
static void measure_fast(uint64_t *state, int a_low, int a_high, int b_low, int b_high) {
  worst_quotient = worst_mul_rsqrt = 0;
  for (int batch = 0; batch < batches; batch++) {
    for (size_t i = 0; i < BATCH; i++)
      a[i] = random_scales(state, a_low, a_high), b[i] = random_scales(state, b_low, b_high), c[i] = fabsf(b[i]);
    lanes->quotient(a, b, out, BATCH);
    for (size_t i = 0; i < BATCH; i++) {
      const double exact = (double)a[i] / (double)b[i];
      if (fabs(exact) >= FLT_MIN && fabs(exact) <= FLT_MAX / 2)
        worst_quotient = fmax(worst_quotient, ulps_off(out[i], exact));
    }
    lanes->mul_rsqrt(a, c, out, BATCH);
    for (size_t i = 0; i < BATCH; i++) {
      const double exact = (double)a[i] / sqrt((double)c[i]);
      if (fabs(exact) >= FLT_MIN && fabs(exact) <= FLT_MAX / 2)
        worst_mul_rsqrt = fmax(worst_mul_rsqrt, ulps_off(out[i], exact));
    }
  }
}

static void assert_bounds(struct bounds bounds) {
  print_message("quotient %.3f of %.3f ulp, mul_rsqrt %.3f of %.3f\n", worst_quotient, bounds.quotient, worst_mul_rsqrt,
                bounds.mul_rsqrt);
  assert_true(worst_quotient <= bounds.quotient);
  assert_true(worst_mul_rsqrt <= bounds.mul_rsqrt);
}

static void estimates_are_within_their_bounds(void **unused) {
  (void)unused;
  uint64_t state = test_seed() + 7;
  struct bounds bounds = lanes->fast ? fast_bounds() : (struct bounds){0.5, 1.5};
  measure_fast(&state, -2, 2, -2, 2);
  assert_bounds(bounds);
  measure_fast(&state, -102, 126, -102, 126);
  assert_bounds(bounds);
  if (lanes->fast) bounds.quotient += 1; /* fast.h: the residual is subnormal */
  measure_fast(&state, -126, -102, -126, 0);
  assert_bounds(bounds);
}

/* Zeros, infinities, NaN and negative roots as IEEE 754 has them; but for signs of zero, which fast.h gives up. */
static void estimates_keep_special_values(void **unused) {
  (void)unused;
  const float special[] = {0.0f, 1.0f, -3.0f, 1e-20f, 1e20f, INFINITY, -INFINITY, NAN, -0.0f};
  enum { N = COUNT_OF(special) };
  for (size_t i = 0; i < N * N; i++) a[i] = special[i / N], b[i] = special[i % N];
  lanes->quotient(a, b, out, BATCH);
  for (size_t i = 0; i < N * N; i++) {
    if (isfinite(a[i]) && isfinite(b[i]) && a[i] != 0 && b[i] != 0) continue; /* measured above */
    if (out[i] != a[i] / b[i]) check("quotient", i, out[i], a[i] / b[i]);
  }
  lanes->mul_rsqrt(a, b, out, BATCH);
  for (size_t i = 0; i < N * N; i++) {
    if (isfinite(a[i]) && isfinite(b[i]) && a[i] != 0 && b[i] > 0) continue;
    const float exact = a[i] / sqrtf(b[i]);
    if (out[i] != exact) check("mul_rsqrt", i, out[i], exact);
  }
}

/* ---- loops and sums --------------------------------------------------------------------------------------------- */

static void loop_visits_every_element_once(void **unused) {
  (void)unused;
  unsigned char visits[256];
  for (size_t begin = 0; begin <= lanes->width; begin++)
    for (size_t length = 0; length <= 4 * lanes->width + 3; length++) {
      assert_true(begin + length < sizeof visits);
      memset(visits, 0, sizeof visits);
      lanes->visit(visits, begin, begin + length);
      for (size_t i = 0; i < sizeof visits; i++)
        if (visits[i] != (i >= begin && i < begin + length))
          fail_msg("%zu .. %zu: element %zu was visited %d times", begin, begin + length, i, visits[i]);
    }
}

/* The order that reduce.h documents, plainly: element i of the range belongs to virtual lane i mod 128, and one tree
 * adds up the lanes. */
static float documented_sum(const float *x, size_t begin, size_t end, bool squares) {
  float virtual_lane[128] = {0};
  for (size_t i = 0; begin + i < end; i++) {
    float *lane = &virtual_lane[i % 128];
    const float term = x[begin + i];
    if (!squares)
      *lane += term;
    else
      *lane = lanes->fused ? fmaf(term, term, *lane) : term * term + *lane;
  }
  for (size_t half = 64; half > 0; half /= 2)
    for (size_t i = 0; i < half; i++) virtual_lane[i] += virtual_lane[i + half];
  return virtual_lane[0];
}

static void lanes_are_added_halves_first(void **unused) {
  (void)unused;
  uint64_t state = test_seed() + 11;
  for (int i = 0; i < 10000; i++) {
    for (size_t lane = 0; lane < lanes->width; lane++) a[lane] = b[lane] = random_scales(&state, -12, 12);
    for (size_t half = lanes->width / 2; half > 0; half /= 2)
      for (size_t lane = 0; lane < half; lane++) b[lane] += b[lane + half];
    const float got = lanes->sum_of_lanes(a);
    if (!same_float(got, b[0])) fail_msg("the lanes' sum is %a, not %a", (double)got, (double)b[0]);
  }
}

static void sums_have_one_order(void **unused) {
  (void)unused;
  uint64_t state = test_seed() + 9;
  for (size_t i = 0; i < BATCH; i++) a[i] = random_scales(&state, -12, 12);
  for (size_t length = 0; length <= BATCH - 7; length += length < 600 ? 1 : 61)
    for (size_t begin = 0; begin < 8; begin += 7) {
      const float sum = lanes->sum(a, begin, begin + length), squares = lanes->sum_of_fma(a, begin, begin + length);
      const float wanted = documented_sum(a, begin, begin + length, false);
      const float wanted_squares = documented_sum(a, begin, begin + length, true);
      if (!same_float(sum, wanted)) fail_msg("the sum of %zu is %a, not %a", length, (double)sum, (double)wanted);
      if (!same_float(squares, wanted_squares))
        fail_msg("the sum of %zu squares is %a, not %a", length, (double)squares, (double)wanted_squares);
    }
}

/* What lies beyond a short row does not count. */
static void short_sums_have_the_same_order(void **unused) {
  (void)unused;
  uint64_t state = test_seed() + 14;
  for (int round = 0; round < 100; round++)
    for (size_t length = 0; length <= lanes->longest_short; length++) {
      for (size_t i = 0; i < lanes->longest_short; i++) a[i] = i < length ? random_scales(&state, -12, 12) : NAN;
      const float got = lanes->sum_short(a, length), wanted = documented_sum(a, 0, length, false);
      if (!same_float(got, wanted)) fail_msg("the short sum of %zu is %a, not %a", length, (double)got, (double)wanted);
    }
}

/* A block's terms go through 32 + 7 additions. */
static void sums_of_magnitudes_do_not_overflow(void **unused) {
  (void)unused;
  uint64_t state = test_seed() + 15;
  for (int scale = -149; scale < 128; scale++)
    for (size_t length = 1; length <= BATCH; length = length * 3 + 1) {
      double exact = 0;
      for (size_t i = 0; i < length; i++) {
        a[i] = random_scales(&state, scale, scale + 1);
        exact += fabs((double)a[i]);
      }
      const double got = lanes->sum_of_magnitudes(a, 0, length), off = fabs(got - exact) / exact;
      if (!(off <= 39 * 0x1p-24)) fail_msg("%zu at 2^%d: %g, not %g, off by %g", length, scale, got, exact, off);
    }
  a[7] = INFINITY;
  assert_true(isinf(lanes->sum_of_magnitudes(a, 0, BATCH)));
  a[8] = NAN;
  assert_true(isnan(lanes->sum_of_magnitudes(a, 0, BATCH)));
}

/* At every scale, the ends of f32 included, within the roundings of one block. */
static void sums_of_squares_know_no_scale(void **unused) {
  (void)unused;
  uint64_t state = test_seed() + 10;
  for (int scale = -149; scale < 128; scale++)
    for (size_t length = 1; length <= BATCH; length = length * 3 + 1) {
      double exact = 0;
      for (size_t i = 0; i < length; i++) {
        a[i] = random_scales(&state, scale, scale + 1);
        exact += (double)a[i] * (double)a[i];
      }
      const double got = lanes->sum_of_squares(a, 0, length), off = fabs(got - exact) / exact;
      if (!(off <= GM_GRAD_SUMSQ_BOUND)) fail_msg("%zu at 2^%d: %g, not %g, off by %g", length, scale, got, exact, off);
    }
}

int main(void) {
  if (!isa_runs_here(TEXT(PROBED), &promised_fused)) return EXIT_SKIPPED;
  test_seed();
  batches = long_tests() ? 500 : 100;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(loads_touch_nothing_else),
      cmocka_unit_test(partial_vectors_are_filled_up),
      cmocka_unit_test(stores_touch_nothing_else),
      cmocka_unit_test(bytes_are_whole_numbers),
      cmocka_unit_test(bytes_are_rounded),
      cmocka_unit_test(the_largest_is_finite),
      cmocka_unit_test(set_fills_every_lane),
      cmocka_unit_test(transpose_touches_nothing_else),
      cmocka_unit_test(arithmetic_is_correctly_rounded),
      cmocka_unit_test(quotients_and_roots_are_correctly_rounded),
      cmocka_unit_test(fuses_as_its_row_says),
      cmocka_unit_test(fma_rounds_once),
      cmocka_unit_test(comparisons_follow_one_nan_rule),
      cmocka_unit_test(largest_lane_wherever_it_is),
      cmocka_unit_test(signs_are_bits),
      cmocka_unit_test(scale_rounds_once),
      cmocka_unit_test(power_of_two_is_exact),
      cmocka_unit_test(fraction_and_exponent_are_the_number),
      cmocka_unit_test(estimates_are_within_their_bounds),
      cmocka_unit_test(estimates_keep_special_values),
      cmocka_unit_test(loop_visits_every_element_once),
      cmocka_unit_test(lanes_are_added_halves_first),
      cmocka_unit_test(sums_have_one_order),
      cmocka_unit_test(short_sums_have_the_same_order),
      cmocka_unit_test(sums_of_magnitudes_do_not_overflow),
      cmocka_unit_test(sums_of_squares_know_no_scale),
  };
  return cmocka_run_group_tests_name("lanes of " TEXT(PROBED), tests, NULL, NULL);
}
