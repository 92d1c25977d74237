/* Long sums and inner products of the linear layer: off by at most KC + k / KC roundings of the terms' magnitudes
 * (linear/counts.h), where one chain of k additions would be off by up to k. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

static gm_library *library;

/* One sum of `terms` terms: the sizes of a frame of `op`, in which nothing else is long, and the streams to look at. */
struct sum {
  const char *op;
  size_t size[3]; /* 0 stands for the number of terms */
  int factor[2];  /* the second is -1 where there is none */
  int sum;
  int start; /* a stream that the sum begins with or ends in, or -1; only where the op has `accumulate` is it `sum` */
};

static const struct sum sums[] = {
    {"bias_grad", {0, 1}, {0, -1}, 1, 1},
    {"linear_forward", {1, 0, 1}, {0, 1}, 3, 2},
    {"linear_forward", {32, 0, 3}, {0, 1}, 3, 2}, /* transposed, where vectors are no longer than that */
    {"linear_backward", {1, 1, 0}, {2, 1}, 3, -1},
    {"linear_backward", {0, 1, 1}, {2, 0}, 4, 4},
    {"linear_backward", {0, 1, 1}, {2, -1}, 5, 5},
    {"linear_backward_params", {0, 1, 1}, {1, 0}, 2, 2},
    {"linear_backward_params", {0, 1, 1}, {1, -1}, 3, 3},
};

/* What the terms are: the first and the others of the first factor; the second is all ones. */
enum kind { ONES, LARGE_FIRST, RANDOM };

static float term(enum kind kind, size_t l, uint64_t *state) {
  if (kind == RANDOM) return random_between(state, 0, 1);
  return kind == LARGE_FIRST && l == 0 ? 0x1p24f : 1;
}

static const gm_op *op_of(const char *name) {
  for (size_t i = 0; i < gm_op_count(library); i++)
    if (strcmp(gm_op_at(library, i)->name, name) == 0) return gm_op_at(library, i);
  fail_msg("no op %s", name);
  return NULL;
}

/* Every row of the factor has the same terms, wherever k lies in memory: rows are that or there is one. */
static void check(const struct sum *sum, enum kind kind, size_t terms) {
  const gm_op *op = op_of(sum->op);
  size_t size[3];
  for (int i = 0; i < 3; i++) size[i] = sum->size[i] ? sum->size[i] : terms;
  struct job job;
  job_make(&job, op, size);
  for (int k = 0; k < op->streams; k++) {
    float *x = job.frame.stream[k];
    for (size_t i = 0; i < gm_stream_extent(op, k, &job.frame); i++) x[i] = k == sum->sum ? NAN : 1;
  }
  double exact = 0;
  uint64_t state = test_seed();
  float *first = job.frame.stream[sum->factor[0]];
  for (size_t l = 0; l < terms; l++) exact += (double)(first[l] = term(kind, l, &state));
  for (size_t i = terms; i < gm_stream_extent(op, sum->factor[0], &job.frame); i++) first[i] = first[i % terms];
  const float start = kind == ONES ? -4096 : 0.5f;
  const double magnitudes = exact + fabs((double)start);
  if (sum->start >= 0) exact += (double)start;
  const double blocks = ceil((double)terms / 256), bound = (256 + blocks + 1) * 0x1p-24 * magnitudes;
  for (size_t i = 0; i < gm_impl_count(library); i++) {
    const gm_impl *impl = gm_impl_at(library, i);
    if (impl->op != op || !impl->runnable) continue;
    if (sum->start >= 0)
      for (size_t e = 0; e < gm_stream_extent(op, sum->start, &job.frame); e++)
        ((float *)job.frame.stream[sum->start])[e] = start;
    gm_error error;
    if (gm_call(impl, 2, &job.frame, &error) != GM_OK) fail_msg("%s: %s", impl->name, error.message);
    const float *got = job.frame.stream[sum->sum];
    for (size_t e = 0; e < gm_stream_extent(op, sum->sum, &job.frame); e++)
      if (!(fabs((double)got[e] - exact) <= (kind == ONES ? 0 : bound)))
        fail_msg("%s: %zu terms are %.9g together, %s is %.9g; at most %.3g off", impl->name, terms, exact,
                 op->stream[sum->sum].name, (double)got[e], kind == ONES ? 0 : bound);
  }
  job_free(&job);
}

/* 2^25 ones, of which one chain counts half. */
static void ones_are_counted(void **unused) {
  (void)unused;
  for (size_t s = 0; s < COUNT_OF(sums); s++) check(&sums[s], ONES, sums[s].size[0] > 1 ? 4097 : (size_t)1 << 25);
}

/* Ones after 2^24, beside which a chain forgets every one. */
static void small_terms_after_a_large_one_count(void **unused) {
  (void)unused;
  const size_t terms[] = {1, 255, 256, 257, 1000, 100003};
  for (size_t s = 0; s < COUNT_OF(sums); s++)
    for (size_t k = 0; k < COUNT_OF(terms); k++) check(&sums[s], LARGE_FIRST, terms[k]);
}

static void random_terms_are_within_the_bound(void **unused) {
  (void)unused;
  for (size_t s = 0; s < COUNT_OF(sums); s++) check(&sums[s], RANDOM, sums[s].size[0] > 1 ? 4097 : (size_t)1 << 25);
}

int main(void) {
  library = gm_open("", NULL);
  if (!library) return EXIT_FAILURE;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ones_are_counted),
      cmocka_unit_test(small_terms_after_a_large_one_count),
      cmocka_unit_test(random_terms_are_within_the_bound),
  };
  const int failed = cmocka_run_group_tests_name("sums", tests, NULL, NULL);
  gm_close(library);
  return failed;
}
