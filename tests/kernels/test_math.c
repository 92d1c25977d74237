/* What math.h promises, for the lanes of one ISA (PROBED): the largest error of each function, on a dense sample of the
 * floats or, with GRADMARK_EVERY_FLOAT=1, on all of them. */
#include <float.h>
#include <inttypes.h>
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
static bool every_float;
static uint32_t thinner = 1; /* by this factor, a prime as the strides are */

enum { BATCH = 4096 };
static float a[BATCH], out[BATCH], other[BATCH];

static double exact_sigmoid(double x) { return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x)); }

/* x Phi(x), by a normal distribution function that keeps the digits of its lower end. */
static double exact_normal(double x) { return 0.5 * erfc(-x * M_SQRT1_2); }
static double exact_gelu(double x) { return x * exact_normal(x); }
static double x_density(double x) { return x * (0.5 * M_2_SQRTPI * M_SQRT1_2 * exp(-0.5 * x * x)); }
static double exact_gelu_slope(double x) { return exact_normal(x) + x_density(x); }
static double larger_term(double x) { return fmax(exact_normal(x), fabs(x_density(x))); }

enum { EXP, LOG, LOG1P, SIGMOID, TANH, GELU, GELU_SLOPE, FUNCTIONS };

/* double's own errors are some 2^-52, a few 1e-9 of a unit here. */
static const struct {
  const char *name;
  double (*exact)(double x);
  double ulps;               /* the promise */
  float low, high;           /* magnitudes where most uses are */
  float worst[4];            /* of all floats, on fused ISAs and on the others */
  double (*scale)(double x); /* what the error is counted in units of the last place of, if not the value itself */
} functions[FUNCTIONS] = {
    [EXP] = {"exp", exp, 1.01, 0x1p-12f, 128, {-0x1.b610fp+4f, -0x1.7714d4p+2f}, NULL},
    [LOG] = {"log", log, 0.97, 0x1p-3f, 8, {0x1.7fc608p-1f, 0x1.7224e4p-1f}, NULL},
    [LOG1P] = {"log1p", log1p, 1, 0x1p-12f, 8, {-0x1.0033e6p-2f, -0x1.24d352p-2f}, NULL},
    [SIGMOID] = {"sigmoid", exact_sigmoid, 1.87, 0x1p-12f, 128, {-0x1.1edd8ap+0f, -0x1.1d2032p+0f}, NULL},
    [TANH] = {"tanh", tanh, 2, 0x1p-12f, 16, {0x1.02ab8ap-2f, 0x1.dcd1ecp-3f}, NULL},
    [GELU] = {"gelu", exact_gelu, 5, 0x1p-12f, 16, {-0x1.d3e652p+0f, -0x1.d4586ep+0f}, NULL},
    [GELU_SLOPE] =
        {"slope of gelu", exact_gelu_slope, 4.8, 0x1p-12f, 16, {-0x1.a61086p-7f, -0x1.5b782cp-1f}, larger_term},
};

static void compute(int function, const float *x, float *y, size_t n) {
  switch (function) {
    case EXP: lanes->exp(x, y, n); break;
    case LOG: lanes->log(x, y, n); break;
    case LOG1P: lanes->log1p(x, y, n); break;
    case SIGMOID: lanes->sigmoid(x, y, n); break;
    case TANH: lanes->tanh(x, y, n); break;
    case GELU: lanes->gelu_erf(x, y, n); break;
    case GELU_SLOPE: lanes->gelu_erf_slope(x, y, n); break;
    default: break;
  }
}

struct errors {
  double worst;
  float at;
  uint64_t hash; /* of all results in their order, NaNs being one */
};

/* The errors of the batch in `a`. */
static void measure(int function, struct errors *errors) {
  compute(function, a, out, BATCH);
  for (size_t i = 0; i < BATCH; i++) {
    const double exact = functions[function].exact((double)a[i]);
    const double off =
        ulps_off_scale(out[i], exact, functions[function].scale ? functions[function].scale((double)a[i]) : exact);
    if (!(off <= errors->worst)) errors->worst = off, errors->at = a[i];
    errors->hash = (errors->hash ^ (isnan(out[i]) ? 1 : bits_of(out[i]))) * 0x100000001b3U;
  }
}

static void sample_all(int function, struct errors *errors) {
  const uint64_t stride =
      every_float ? 1 : 1999 * thinner; /* every exponent and every residue of the fraction comes up */
  for (uint64_t next = every_float ? 0 : test_seed() % stride; next <= UINT32_MAX;) {
    for (size_t i = 0; i < BATCH; i++, next += stride) a[i] = next <= UINT32_MAX ? from_bits((uint32_t)next) : 0;
    measure(function, errors);
  }
}

/* Most patterns are huge or tiny; most uses are not. */
static void sample_usual(int function, struct errors *errors) {
  const uint32_t stride = 61 * thinner;
  for (uint32_t bits = bits_of(functions[function].low); bits < bits_of(functions[function].high);) {
    for (size_t i = 0; i < BATCH; i++, bits += stride) a[i] = from_bits(i % 2 ? bits : bits | 0x80000000U);
    measure(function, errors);
  }
}

static void function_is_close(void **state) {
  const int function = *(const int *)*state;
  struct errors errors = {.hash = 0xcbf29ce484222325U};
  sample_all(function, &errors);
  const uint64_t hash = errors.hash;
  if (!every_float) sample_usual(function, &errors);
  memset(a, 0, sizeof a);
  memcpy(a, functions[function].worst, sizeof functions[function].worst);
  measure(function, &errors);
  print_message("%s: at most %.4f ulp, at %a", functions[function].name, errors.worst, (double)errors.at);
  if (every_float) print_message("; bits %016" PRIx64, hash); /* the same on all fused ISAs */
  print_message("\n");
  assert_true(errors.worst <= functions[function].ulps);
}

static void exp_of_nonpositive_is_the_same(void **unused) {
  (void)unused;
  uint64_t state = test_seed() + 12;
  for (int batch = 0; batch < 50; batch++) {
    for (size_t i = 0; i < BATCH; i++) {
      a[i] = random_pattern(&state);
      if (!isnan(a[i])) a[i] = i % 2 ? -fabsf(a[i]) : random_between(&state, -110, 0);
    }
    lanes->exp(a, out, BATCH);
    lanes->exp_nonpositive(a, other, BATCH);
    for (size_t i = 0; i < BATCH; i++) assert_true(same_float(other[i], out[i]));
  }
}

static void log1p_of_0_to_1_is_as_close(void **unused) {
  (void)unused;
  const uint32_t stride = every_float ? 1 : 97 * thinner, end = bits_of(1.0f);
  double worst = 0;
  for (uint32_t bits = (uint32_t)(test_seed() % stride); bits <= end;) {
    for (size_t i = 0; i < BATCH; i++, bits += stride) a[i] = from_bits(bits < end ? bits : end);
    lanes->log1p_unit(a, out, BATCH);
    for (size_t i = 0; i < BATCH; i++) {
      const double off = ulps_off(out[i], log1p((double)a[i]));
      if (!(off <= worst)) worst = off;
    }
  }
  print_message("log1p of 0 .. 1: at most %.4f ulp\n", worst);
  assert_true(worst <= 0.97);
  a[0] = NAN, a[1] = 0, a[2] = 1;
  lanes->log1p_unit(a, out, 3);
  assert_true(isnan(out[0]) && out[1] == 0 && out[2] == 0x1.62e43p-1f);
}

/* What each function gives where it is no matter of rounding: bits, but for NaN. */
static void special_values_are_exact(void **unused) {
  (void)unused;
  static const struct {
    int function;
    float at, wanted;
  } rows[] = {
      {EXP, 0.0f, 1},
      {EXP, -0.0f, 1},
      {EXP, INFINITY, INFINITY},
      {EXP, -INFINITY, 0},
      {EXP, NAN, NAN},
      {EXP, 88.74f, INFINITY},
      {EXP, FLT_MAX, INFINITY},
      {EXP, -104.1f, 0},
      {EXP, -FLT_MAX, 0},
      {EXP, FLT_TRUE_MIN, 1},
      {LOG, 0.0f, -INFINITY},
      {LOG, -0.0f, -INFINITY},
      {LOG, 1, 0.0f},
      {LOG, INFINITY, INFINITY},
      {LOG, -INFINITY, NAN},
      {LOG, NAN, NAN},
      {LOG, -FLT_TRUE_MIN, NAN},
      {LOG, -1, NAN},
      {LOG, FLT_TRUE_MIN, -0x1.9d1dap6f},
      {LOG1P, 0.0f, 0.0f},
      {LOG1P, -0.0f, -0.0f},
      {LOG1P, -1, -INFINITY},
      {LOG1P, -0x1.000002p0f, NAN},
      {LOG1P, INFINITY, INFINITY},
      {LOG1P, -INFINITY, NAN},
      {LOG1P, NAN, NAN},
      {LOG1P, FLT_TRUE_MIN, FLT_TRUE_MIN},
      {LOG1P, -FLT_TRUE_MIN, -FLT_TRUE_MIN},
      {LOG1P, 0x1p-30f, 0x1p-30f},
      {SIGMOID, 0.0f, 0.5f},
      {SIGMOID, -0.0f, 0.5f},
      {SIGMOID, INFINITY, 1},
      {SIGMOID, -INFINITY, 0.0f},
      {SIGMOID, NAN, NAN},
      {SIGMOID, FLT_MAX, 1},
      {SIGMOID, -FLT_MAX, 0.0f},
      {SIGMOID, FLT_TRUE_MIN, 0.5f},
      {TANH, 0.0f, 0.0f},
      {TANH, -0.0f, -0.0f},
      {TANH, INFINITY, 1},
      {TANH, -INFINITY, -1},
      {TANH, NAN, NAN},
      {TANH, FLT_MAX, 1},
      {TANH, -10, -1},
      {TANH, FLT_TRUE_MIN, FLT_TRUE_MIN},
      {TANH, -FLT_TRUE_MIN, -FLT_TRUE_MIN},
      {TANH, 0x1p-40f, 0x1p-40f},
      {GELU, 0.0f, 0.0f},
      {GELU, -0.0f, -0.0f},
      {GELU, INFINITY, INFINITY},
      {GELU, -INFINITY, NAN},
      {GELU, NAN, NAN},
      {GELU, FLT_MAX, FLT_MAX},
      {GELU, -FLT_MAX, -0.0f},
      {GELU, -15, -0.0f},
      {GELU, 15, 15},
      {GELU_SLOPE, INFINITY, NAN},
      {GELU_SLOPE, -INFINITY, NAN},
      {GELU_SLOPE, NAN, NAN},
      {GELU_SLOPE, FLT_MAX, 1},
      {GELU_SLOPE, -FLT_MAX, 0},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    compute(rows[i].function, &rows[i].at, out, 1);
    if (!same_float(out[0], rows[i].wanted))
      fail_msg("%s(%a) is %a, not %a", functions[rows[i].function].name, (double)rows[i].at, (double)out[0],
               (double)rows[i].wanted);
  }
  a[0] = 88.72f, a[1] = -103.0f;
  lanes->exp(a, out, 2);
  assert_true(out[0] < INFINITY && out[1] > 0 && out[1] < FLT_MIN);
}

int main(void) {
  bool fused;
  if (!isa_runs_here(TEXT(PROBED), &fused)) return EXIT_SKIPPED;
  test_seed();
  const char *every = getenv("GRADMARK_EVERY_FLOAT");
  every_float = every && strcmp(every, "1") == 0;
  if (!long_tests()) thinner = 5;
  static int which[FUNCTIONS];
  enum { OTHERS = 3 };
  struct CMUnitTest tests[FUNCTIONS + OTHERS] = {
      cmocka_unit_test(exp_of_nonpositive_is_the_same),
      cmocka_unit_test(log1p_of_0_to_1_is_as_close),
      cmocka_unit_test(special_values_are_exact),
  };
  for (int function = 0; function < FUNCTIONS; function++) {
    which[function] = function;
    tests[OTHERS + function] = (struct CMUnitTest){
        .name = functions[function].name, .test_func = function_is_close, .initial_state = &which[function]};
  }
  return cmocka_run_group_tests_name("elementary functions of " TEXT(PROBED), tests, NULL, NULL);
}
