/* grad_sumsq keeps GM_GRAD_SUMSQ_BOUND, against sums that are known exactly. */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "support.h"

static gm_library *library;

/* Calls `check` for every implementation that runs here. */
static void each_impl(void (*check)(const gm_impl *impl, void *context), void *context) {
  for (size_t i = 0; i < gm_impl_count(library); i++) {
    const gm_impl *impl = gm_impl_at(library, i);
    if (impl->runnable && strcmp(impl->op->name, "grad_sumsq") == 0) check(impl, context);
  }
}

static double sumsq(const gm_impl *impl, int threads, const float *grads, size_t n) {
  double sum = -1;
  const gm_frame frame = {.size = {n}, .stream = {(void *)(uintptr_t)grads, &sum}};
  assert_int_equal(gm_call(impl, threads, &frame, NULL), GM_OK);
  return sum;
}

/* Fused implementations keep the smaller bound that gradmark.h names beside it. */
static double bound_of(const gm_impl *impl) { return impl->fused ? 2.4e-6 : GM_GRAD_SUMSQ_BOUND; }

struct known {
  const char *what;
  const float *grads;
  size_t n;
  double exact;
};

static void check_known(const gm_impl *impl, void *context) {
  const struct known *known = context;
  const double got = sumsq(impl, 2, known->grads, known->n);
  if (!isfinite(known->exact) || known->exact == 0) {
    if (got != known->exact && !(isnan(got) && isnan(known->exact)))
      fail_msg("%s, %s: %g, not %g", impl->name, known->what, got, known->exact);
    return;
  }
  const double off = fabs(got - known->exact) / known->exact;
  print_message("%s, %s: off by %.2e\n", impl->name, known->what, off);
  if (!(off <= bound_of(impl))) fail_msg("%s, %s: %.17g, not %.17g", impl->name, known->what, got, known->exact);
}

/* ---- a thousand million elements -------------------------------------------------------------------------------- */

/* What a caller gets; the others add up their blocks in the same place, and are met at a fiftieth.
 *
 * A stretch of 64 MiB, mapped again and again over 4 GB of addresses. Its values are whole numbers below 2^24, so that
 * the sum of their squares is a whole number too, kept here in two halves. */
enum { STRETCH = 1 << 24 };
static const size_t thousand_million = 1000000000;

static double whole_sum(const float *stretch, size_t n) {
  uint64_t low = 0, high = 0, low_rest = 0, high_rest = 0;
  for (size_t i = 0; i < STRETCH; i++) {
    const uint64_t value = (uint64_t)fabsf(stretch[i]), square = value * value;
    low += square & 0xffffffffU, high += square >> 32;
    if (i < n % STRETCH) low_rest += square & 0xffffffffU, high_rest += square >> 32;
  }
  const uint64_t times = n / STRETCH; /* below 2^6, low and high below 2^57 */
  return (double)(high * times + high_rest) * 0x1p32 + (double)(low * times + low_rest);
}

static void a_thousand_million_elements(void **unused) {
  (void)unused;
  if (sizeof(size_t) < 8) skip();
  const size_t bytes = thousand_million * sizeof(float), stretch_bytes = STRETCH * sizeof(float);
  const int file = memfd_create("stretch", 0);
  if (file < 0 || ftruncate(file, (off_t)stretch_bytes) != 0) skip();
  unsigned char *begin = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (begin == MAP_FAILED) skip();
  float *stretch = mmap(NULL, stretch_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  assert_true(stretch != MAP_FAILED);
  uint64_t state = test_seed();
  for (size_t i = 0; i < STRETCH; i++) {
    const float x = (float)(random_bits(&state) >> (40 + i % 8));
    stretch[i] = i % 2 ? x : -x;
  }
  for (size_t at = 0; at < bytes; at += stretch_bytes) {
    const size_t here = bytes - at < stretch_bytes ? bytes - at : stretch_bytes;
    assert_true(mmap(begin + at, here, PROT_READ, MAP_SHARED | MAP_FIXED, file, 0) != MAP_FAILED);
  }
  struct known known = {"1e9 elements", (const float *)(const void *)begin, thousand_million,
                        whole_sum(stretch, thousand_million)};
  if (long_tests())
    each_impl(check_known, &known);
  else
    check_known(gm_find(library, "grad_sumsq/f32", NULL), &known);
  known = (struct known){"2e7 elements", known.grads, 20000000, whole_sum(stretch, 20000000)};
  each_impl(check_known, &known);
  munmap(begin, bytes);
  munmap(stretch, stretch_bytes);
  close(file);
}

/* ---- every scale ------------------------------------------------------------------------------------------------ */

enum { N = 300007 };
static float grads[N];

/* Doubles hold each square exactly; this sum's own error is at most N 2^-53, with Kahan's term far less. */
static double careful_sum(size_t n) {
  double sum = 0, lost = 0;
  for (size_t i = 0; i < n; i++) {
    const double term = (double)grads[i] * (double)grads[i] - lost, next = sum + term;
    lost = (next - sum) - term;
    sum = next;
  }
  return sum;
}

static void check_grads(const char *what, size_t n) {
  struct known known = {what, grads, n, careful_sum(n)};
  each_impl(check_known, &known);
}

static void all_of_one_scale(void **unused) {
  (void)unused;
  const float scale[] = {1.0f, 1e30f, 3e38f, 1e-20f, 1e-40f, 1e-45f, 0x1p-63f, 0x1p-50f, 0x1p63f, 0x1p64f};
  uint64_t state = test_seed();
  for (size_t k = 0; k < COUNT_OF(scale); k++) {
    char what[40];
    snprintf(what, sizeof what, "all about %g", (double)scale[k]);
    for (size_t i = 0; i < N; i++) grads[i] = random_between(&state, -1, 1) * scale[k];
    check_grads(what, N);
    check_grads(what, 1);
    check_grads(what, 129);
  }
}

/* Equal terms round the same way all the time: the worst that a sum in f32 can meet. */
static void all_equal(void **unused) {
  (void)unused;
  for (int i = 0; i < 40; i++) {
    const float x = 1.0f + (float)i * 0x1.2345p-6f;
    for (size_t k = 0; k < N; k++) grads[k] = x;
    check_grads("equal terms", N);
  }
}

static void mixed_scales(void **unused) {
  (void)unused;
  uint64_t state = test_seed() + 1;
  for (size_t i = 0; i < N; i++) grads[i] = random_scales(&state, -149, 128);
  check_grads("every scale in every block", N);
  for (size_t i = 0; i < N; i++) grads[i] = random_scales(&state, -149, -120);
  for (size_t i = 0; i < N; i += 50000) grads[i] = random_scales(&state, 100, 128);
  check_grads("tiny ones and some huge", N);
  for (size_t i = 0; i < N; i++) grads[i] = i < N / 2 ? random_scales(&state, -149, -126) : 1.0f;
  check_grads("subnormals, then ones", N);
  for (size_t i = 0; i < N; i++) grads[i] = random_pattern(&state);
  for (size_t i = 0; i < N; i++)
    if (!isfinite(grads[i])) grads[i] = 0;
  check_grads("any bits", N);
}

static void zeros_infinities_and_nan(void **unused) {
  (void)unused;
  memset(grads, 0, sizeof grads);
  check_grads("zeros", N);
  for (size_t i = 0; i < N; i++) grads[i] = i % 2 ? 0.0f : -0.0f;
  check_grads("both zeros", N);
  for (size_t i = 0; i < N; i++) grads[i] = 1e-42f;
  const size_t places[] = {0, 1, 127, 128, 4095, 4096, N / 2, N - 1};
  for (size_t k = 0; k < COUNT_OF(places); k++) {
    const float kept = grads[places[k]];
    struct known known = {"an infinity", grads, N, INFINITY};
    grads[places[k]] = -INFINITY;
    each_impl(check_known, &known);
    grads[places[k]] = NAN;
    known = (struct known){"a NaN", grads, N, NAN};
    each_impl(check_known, &known);
    grads[(places[k] + 1) % N] = INFINITY;
    known.what = "a NaN and an infinity";
    each_impl(check_known, &known);
    grads[places[k]] = grads[(places[k] + 1) % N] = kept;
  }
}

int main(void) {
  library = gm_open("", NULL);
  if (!library) return EXIT_FAILURE;
  test_seed();
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_thousand_million_elements),
      cmocka_unit_test(all_of_one_scale),
      cmocka_unit_test(all_equal),
      cmocka_unit_test(mixed_scales),
      cmocka_unit_test(zeros_infinities_and_nan),
  };
  const int failed = cmocka_run_group_tests_name("sumsq", tests, NULL, NULL);
  gm_close(library);
  return failed;
}
