/* Threads: the bits of a result depend neither on their number nor on the ISA, every unit of work is done once, and a
 * list of tensors is shared evenly. */
#include <fenv.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"

static gm_library *library;

static const int thread_counts[] = {3, 2, 5, 8, 16};

/* The sizes of each shape: the smallest, odd ones, and more than the 1,024 chunks that a reduction is cut into, which
 * are met on three threads alone. */
static const size_t elementwise[][3] = {{1}, {15}, {17}, {100003}};
static const size_t reduction[][3] = {{1}, {4097}, {100003}, {1030 * GM_BLOCK + 77}};
static const size_t rowwise[][3] = {{1, 1}, {37, 1003}, {2500, 10}, {3, 5000}};
static const size_t matrix[][3] = {{1, 1, 1}, {67, 130, 93}, {5, 1, 700}, {64, 784, 10}};

enum { TENSORS = 2000 };
static size_t tensors[TENSORS];

static void mix_tensors(void) {
  uint64_t state = test_seed();
  for (size_t i = 0; i < TENSORS; i++) {
    const uint64_t kind = random_bits(&state) % 10, any = random_bits(&state);
    tensors[i] = kind == 0 ? 0 : kind < 8 ? any % 100 : any % 3000;
  }
  tensors[7] = 100000; /* one as large as all others together */
}

static const gm_impl *first_fused(const gm_op *op) {
  for (size_t i = 0; i < gm_impl_count(library); i++) {
    const gm_impl *impl = gm_impl_at(library, i);
    if (impl->op == op && impl->runnable && impl->fused) return impl;
  }
  return NULL;
}

static void make(struct job *job, const gm_op *op, const size_t *sizes) {
  if (op->shape == GM_LIST)
    job_make_list(job, op, tensors, sizes[0]);
  else
    job_make(job, op, sizes);
}

static void run(const gm_impl *impl, int threads, const struct job *before, struct job *job) {
  gm_error error;
  job_copy(job, before);
  if (gm_call(impl, threads, &job->frame, &error) != GM_OK) fail_msg("%s: %s", impl->name, error.message);
}

/* On one thread and on the first `counts` of `thread_counts`. */
static void same_bits(const gm_op *op, const size_t *sizes, size_t counts) {
  struct job before, one, many, fused;
  make(&before, op, sizes);
  job_fill(&before, test_seed());
  make(&one, op, sizes);
  make(&many, op, sizes);
  make(&fused, op, sizes);
  const gm_impl *reference = first_fused(op);
  if (reference) run(reference, 1, &before, &fused);
  for (size_t i = 0; i < gm_impl_count(library); i++) {
    const gm_impl *impl = gm_impl_at(library, i);
    if (impl->op != op || !impl->runnable) continue;
    run(impl, 1, &before, &one);
    if (impl->fused && !job_same(&one, &fused))
      fail_msg("%s and %s differ at %zu x %zu x %zu", impl->name, reference->name, sizes[0], sizes[1], sizes[2]);
    for (size_t t = 0; t < counts; t++) {
      run(impl, thread_counts[t], &before, &many);
      if (!job_same(&one, &many))
        fail_msg("%s at %zu x %zu x %zu: %d threads differ from one", impl->name, sizes[0], sizes[1], sizes[2],
                 thread_counts[t]);
    }
  }
  job_free(&before);
  job_free(&one);
  job_free(&many);
  job_free(&fused);
}

static void bits_do_not_depend_on_threads(void **unused) {
  (void)unused;
  const size_t all = COUNT_OF(thread_counts);
  for (size_t i = 0; i < gm_op_count(library); i++) {
    const gm_op *op = gm_op_at(library, i);
    for (size_t k = 0; k < 4; k++) switch (op->shape) {
        case GM_ELEMENTWISE: same_bits(op, elementwise[k], all); break;
        case GM_REDUCTION: same_bits(op, reduction[k], k < 3 || long_tests() ? all : 1); break;
        case GM_ROWWISE: same_bits(op, rowwise[k], all); break;
        case GM_MATRIX: same_bits(op, matrix[k], all); break;
        case GM_LIST: same_bits(op, (const size_t[][3]){{1}, {7}, {8}, {TENSORS}}[k], all); break;
      }
  }
}

/* ---- who does what ---------------------------------------------------------------------------------------------- */

/* A body that does nothing but write down what it was asked for. */
enum { MAX_RECORDS = 100000 };
static struct record {
  const void *first_stream;
  size_t begin, end;
  pthread_t thread;
} records[MAX_RECORDS];
static size_t record_count;
static pthread_mutex_t recording = PTHREAD_MUTEX_INITIALIZER;

static double record(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)coef, (void)scratch;
  pthread_mutex_lock(&recording);
  if (record_count < MAX_RECORDS)
    records[record_count++] = (struct record){frame->stream[0], begin, end, pthread_self()};
  pthread_mutex_unlock(&recording);
  return 0;
}

static size_t count_tiles(const gm_frame *frame) { return frame->size[0]; }

static const gm_body recorder = {.run = record, .tiles = count_tiles};

static gm_impl recording_impl(const char *op_name) {
  gm_impl impl = {.body = &recorder, .runnable = true};
  for (size_t i = 0; i < gm_op_count(library); i++)
    if (strcmp(gm_op_at(library, i)->name, op_name) == 0) impl.op = gm_op_at(library, i);
  assert_non_null(impl.op);
  return impl;
}

static int by_begin(const void *a, const void *b) {
  const struct record *x = a, *y = b;
  return x->begin < y->begin ? -1 : x->begin > y->begin;
}

/* The records, put in order, must follow each other from 0 to `total`, cut at multiples of `grain`. */
static void assert_covered(const char *op, size_t total, size_t grain, int threads) {
  assert_true(record_count < MAX_RECORDS);
  qsort(records, record_count, sizeof *records, by_begin);
  size_t next = 0;
  for (size_t i = 0; i < record_count; i++) {
    if (records[i].begin != next || records[i].end <= records[i].begin || records[i].begin % grain != 0)
      fail_msg("%s, %zu on %d threads: %zu .. %zu after %zu", op, total, threads, records[i].begin, records[i].end,
               next);
    next = records[i].end;
  }
  if (next != total) fail_msg("%s on %d threads ends at %zu of %zu", op, threads, next, total);
}

/* gm_thread_range must say what gm_call does. */
static void assert_ranges(const gm_impl *impl, const gm_frame *frame, size_t total, int threads) {
  size_t next = 0;
  for (int thread = 0; thread < threads; thread++) {
    size_t begin, end;
    gm_thread_range(impl, frame, threads, thread, &begin, &end);
    assert_true(begin <= end);
    if (begin == end) continue;
    assert_int_equal(begin, next);
    next = end;
    pthread_t owner = 0;
    for (size_t i = 0; i < record_count; i++) {
      if (records[i].begin < begin || records[i].begin >= end) continue;
      if (records[i].end > end)
        fail_msg("%s: %zu .. %zu reaches beyond %zu", impl->op->name, records[i].begin, records[i].end, end);
      if (!owner) owner = records[i].thread;
      if (!pthread_equal(owner, records[i].thread))
        fail_msg("%s: thread %d's range was shared", impl->op->name, thread);
    }
  }
  assert_int_equal(next, total);
}

static void every_unit_is_done_once(void **unused) {
  (void)unused;
  static const struct {
    const char *op;
    size_t grain;
  } row[] = {{"adamw", 16}, {"grad_sumsq", GM_BLOCK}, {"softmax_xent", 1}, {"linear_backward", 1}};
  const size_t totals[] = {0, 1, 15, 16, 17, 100, 4095, 4097, 65536, 1023 * GM_BLOCK, 1024 * GM_BLOCK + 1, 9999999};
  double result = 0;
  for (size_t r = 0; r < COUNT_OF(row); r++) {
    const gm_impl impl = recording_impl(row[r].op);
    for (size_t k = 0; k < COUNT_OF(totals); k++)
      for (int threads = 1; threads <= 17; threads++) {
        gm_frame frame = {.size = {totals[k], 1, 1}};
        if (gm_has_result(impl.op)) frame.stream[impl.op->streams - 1] = &result;
        record_count = 0;
        assert_int_equal(gm_call_unchecked(&impl, threads, &frame), GM_OK);
        assert_covered(impl.op->name, totals[k], row[r].grain, threads);
        assert_ranges(&impl, &frame, totals[k], threads);
      }
  }
}

/* Where each tensor begins among all, laid end to end. */
static size_t tensor_begin[TENSORS + 1];

static size_t lines_of(size_t elements) { return (elements + 15) / 16; }

/* Each element of each tensor once; and no thread gets a line more than its share. */
static void lists_are_shared_evenly(void **unused) {
  (void)unused;
  const gm_impl impl = recording_impl("adamw_list");
  static char address[TENSORS]; /* tells tensors apart */
  static gm_frame frames[TENSORS];
  static size_t done[TENSORS];
  size_t lines = 0;
  for (size_t i = 0; i < TENSORS; i++) {
    frames[i] = (gm_frame){.size = {tensors[i]}, .stream = {&address[i]}};
    lines += lines_of(tensors[i]);
  }
  const gm_frame frame = {.size = {TENSORS}, .stream = {frames}};
  for (int threads = 1; threads <= 17; threads++) {
    record_count = 0;
    assert_int_equal(gm_call_unchecked(&impl, threads, &frame), GM_OK);
    assert_true(record_count < MAX_RECORDS);
    memset(done, 0, sizeof done);
    struct {
      pthread_t thread;
      size_t lines;
    } share[20] = {0};
    size_t shares = 0;
    /* A thread's records are in order, and the pieces of one tensor follow each other once put in order. */
    qsort(records, record_count, sizeof *records, by_begin);
    for (size_t i = 0; i < record_count; i++) {
      const size_t tensor = (size_t)((const char *)records[i].first_stream - address);
      assert_true(tensor < TENSORS);
      assert_int_equal(records[i].begin, done[tensor]);
      assert_true(records[i].begin < records[i].end && records[i].begin % 16 == 0);
      done[tensor] = records[i].end;
      records[i].begin += tensor_begin[tensor], records[i].end += tensor_begin[tensor];
      size_t s = 0;
      while (s < shares && !pthread_equal(share[s].thread, records[i].thread)) s++;
      if (s == shares) share[shares++].thread = records[i].thread;
      share[s].lines += lines_of(records[i].end - records[i].begin);
    }
    for (size_t i = 0; i < TENSORS; i++) assert_int_equal(done[i], tensors[i]);
    const size_t most = lines / (size_t)threads + 1;
    for (size_t s = 0; s < shares; s++)
      if (share[s].lines > most)
        fail_msg("%zu lines of at most %zu on one of %d threads", share[s].lines, most, threads);
#ifdef _OPENMP
    assert_int_equal(shares, threads);
    assert_ranges(&impl, &frame, tensor_begin[TENSORS], threads);
#endif
  }
}

/* ---- the caller's arithmetic, and its children ---------------------------------------------------------------------
 */

static volatile float little = 0x1p-30f;

static bool rounds_upward(void) {
  const volatile float sum = 1 + little;
  return sum > 1;
}

static double one_if_upward(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)frame, (void)coef, (void)begin, (void)end, (void)scratch;
  return rounds_upward();
}

/* What was set after the team was made counts for the call, and for no longer. */
static void threads_take_the_caller_s_arithmetic(void **unused) {
  (void)unused;
  enum { THREADS = 4 };
  gm_impl impl = recording_impl("grad_sumsq");
  const gm_body body = {.run = one_if_upward};
  impl.body = &body;
  double upward = -1;
  const gm_frame frame = {.size = {THREADS * GM_BLOCK}, .stream = {NULL, &upward}};
  assert_int_equal(gm_call_unchecked(&impl, THREADS, &frame), GM_OK);
  assert_true(upward == 0);
  fesetround(FE_UPWARD);
  assert_int_equal(gm_call_unchecked(&impl, THREADS, &frame), GM_OK);
  fesetround(FE_TONEAREST);
  assert_true(upward == THREADS);
  int still = 0;
#pragma omp parallel num_threads(THREADS) reduction(+ : still)
  still += rounds_upward();
  assert_int_equal(still, 0);
}

static void bits_do_not_depend_on_threads_in_any_arithmetic(void **unused) {
  (void)unused;
  static const int roundings[] = {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
  const gm_impl *impl = gm_find(library, "adamw/f32", NULL);
  struct job before, one, two;
  job_make(&before, impl->op, (const size_t[]){1003});
  job_make(&one, impl->op, (const size_t[]){1003});
  job_make(&two, impl->op, (const size_t[]){1003});
  job_fill(&before, test_seed());
  run(impl, 2, &before, &two);
  for (size_t i = 0; i < COUNT_OF(roundings); i++) {
    fesetround(roundings[i]);
    run(impl, 1, &before, &one);
    run(impl, 2, &before, &two);
    fesetround(FE_TONEAREST);
    assert_true(job_same(&one, &two));
  }
#ifdef __x86_64__
  float *moment = before.frame.stream[3];
  for (size_t i = 0; i < 1003; i++) moment[i] = 1e-40f; /* subnormal */
  const unsigned usual = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(usual | 0x8040); /* zero, as operands and as results */
  run(impl, 1, &before, &one);
  run(impl, 2, &before, &two);
  __builtin_ia32_ldmxcsr(usual);
  assert_true(job_same(&one, &two));
#endif
  job_free(&before);
  job_free(&one);
  job_free(&two);
}

/* A child of a process that has had a team. It is ended by a signal if it waits for threads that it has not got. */
static void children_have_threads(void **unused) {
  (void)unused;
  const gm_impl *impl = gm_find(library, "adamw/f32", NULL);
  struct job before, parent, child;
  job_make(&before, impl->op, (const size_t[]){100003});
  job_make(&parent, impl->op, (const size_t[]){100003});
  job_make(&child, impl->op, (const size_t[]){100003});
  job_fill(&before, test_seed());
  run(impl, 3, &before, &parent);
  for (int generation = 0; generation < 2; generation++) {
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
      alarm(300);
      run(impl, 3, &before, &child);
      _exit(job_same(&parent, &child) ? 0 : 1);
    }
    int how;
    assert_int_equal(waitpid(pid, &how, 0), pid);
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
    run(impl, 3, &before, &child); /* and so has the parent */
    assert_true(job_same(&parent, &child));
  }
  job_free(&before);
  job_free(&parent);
  job_free(&child);
}

/* ---- scratch and coefficients ----------------------------------------------------------------------------------- */

static const void *scratches[64];
static size_t scratch_count;

static double use_scratch(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)frame, (void)begin, (void)end;
  assert_true((uintptr_t)scratch % 64 == 0);
  memset(scratch, 1, 100);
  pthread_mutex_lock(&recording);
  scratches[scratch_count++] = scratch;
  pthread_mutex_unlock(&recording);
  return coef[0];
}

static size_t hundred_bytes(const gm_frame *frame) {
  (void)frame;
  return 100;
}

static void prepare_seven(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  (void)frame;
  for (int i = 0; i < GM_MAX_COEFS; i++) assert_true(coef[i] == 0);
  coef[0] = 7;
}

static void threads_have_scratch_of_their_own(void **unused) {
  (void)unused;
  gm_impl impl = recording_impl("grad_sumsq");
  const gm_body body = {.prepare = prepare_seven, .run = use_scratch, .scratch_bytes = hundred_bytes};
  impl.body = &body;
  double sum = 0;
  const gm_frame frame = {.size = {4 * GM_BLOCK}, .stream = {NULL, &sum}};
  scratch_count = 0;
  assert_int_equal(gm_call_unchecked(&impl, 4, &frame), GM_OK);
  assert_true(sum == 4 * 7);
  assert_int_equal(scratch_count, 4);
  for (size_t i = 0; i < 4; i++)
    for (size_t k = 0; k < i; k++) {
      const ptrdiff_t apart = (const char *)scratches[i] - (const char *)scratches[k];
#ifdef _OPENMP
      assert_true(apart >= 128 || apart <= -128);
#else
      assert_true(apart == 0);
#endif
    }
}

/* Sanitizers would end the program where malloc gives NULL. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "allocator_may_return_null=1"; }
const char *__tsan_default_options(void);
const char *__tsan_default_options(void) { return "allocator_may_return_null=1:die_after_fork=0"; }

static size_t too_many_bytes(const gm_frame *frame) {
  (void)frame;
  return SIZE_MAX / 4;
}

static void no_memory_is_reported(void **unused) {
  (void)unused;
  gm_impl impl = recording_impl("grad_sumsq");
  const gm_body body = {.run = use_scratch, .scratch_bytes = too_many_bytes};
  impl.body = &body;
  snprintf(impl.name, sizeof impl.name, "grad_sumsq/f32/greedy");
  double sum = 5;
  float grads[4] = {0};
  const gm_frame frame = {.size = {4}, .stream = {grads, &sum}};
  gm_error error = {0};
  assert_int_equal(gm_call(&impl, 1, &frame, &error), GM_NO_MEMORY);
  assert_non_null(strstr(error.message, "grad_sumsq/f32/greedy: no memory"));
  assert_true(sum == 5);
}

/* ---- the second pass -------------------------------------------------------------------------------------------- */

static size_t first_passes, concluded_after;
static double first_total;

static double count_and_record(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)frame, (void)coef, (void)scratch;
  pthread_mutex_lock(&recording);
  first_passes += end - begin;
  pthread_mutex_unlock(&recording);
  return (double)(end - begin);
}

static double conclude_ninth(const gm_frame *frame, double total, float coef[GM_MAX_COEFS]) {
  concluded_after = first_passes;
  first_total = total;
  coef[3] = 9;
  return total + (double)frame->size[0];
}

static void record_apply(const gm_frame *frame, const float *coef, size_t begin, size_t end) {
  assert_true(coef[3] == 9);
  record(frame, coef, begin, end, NULL);
}

/* Every range is run before the conclusion, and each once again after it; in a list, too. */
static void second_pass_follows_the_whole_first(void **unused) {
  (void)unused;
  const gm_body body = {.run = count_and_record, .conclude = conclude_ninth, .apply = record_apply};
  gm_impl impl = recording_impl("clip_norm");
  impl.body = &body;
  double result = 0;
  const size_t totals[] = {0, 1, 4097, 65536, 1500 * GM_BLOCK + 77};
  for (size_t k = 0; k < COUNT_OF(totals); k++)
    for (int threads = 1; threads <= 9; threads++) {
      const gm_frame frame = {.size = {totals[k]}, .stream = {NULL, &result}};
      record_count = first_passes = 0;
      assert_int_equal(gm_call_unchecked(&impl, threads, &frame), GM_OK);
      assert_int_equal(concluded_after, totals[k]);
      assert_true(first_total == (double)totals[k] && result == 2 * (double)totals[k]);
      assert_covered("clip_norm", totals[k], GM_BLOCK, threads);
    }
  gm_impl list_impl = recording_impl("clip_global_norm");
  list_impl.body = &body;
  static char address[TENSORS];
  static gm_frame frames[TENSORS];
  static size_t done[TENSORS];
  size_t all = 0;
  for (size_t i = 0; i < TENSORS; i++) {
    frames[i] = (gm_frame){.size = {tensors[i]}, .stream = {&address[i]}};
    all += tensors[i];
  }
  const gm_frame frame = {.size = {TENSORS}, .stream = {frames, &result}};
  for (int threads = 1; threads <= 9; threads++) {
    memset(done, 0, sizeof done);
    record_count = first_passes = 0;
    assert_int_equal(gm_call_unchecked(&list_impl, threads, &frame), GM_OK);
    assert_int_equal(concluded_after, all);
    assert_true(first_total == (double)all && result == 2 * (double)all);
    qsort(records, record_count, sizeof *records, by_begin);
    for (size_t i = 0; i < record_count; i++) {
      const size_t tensor = (size_t)((const char *)records[i].first_stream - address);
      assert_true(tensor < TENSORS && records[i].begin == done[tensor] && records[i].begin % GM_BLOCK == 0);
      done[tensor] = records[i].end;
    }
    for (size_t i = 0; i < TENSORS; i++) assert_int_equal(done[i], tensors[i]);
  }
}

int main(void) {
  library = gm_open("", NULL);
  if (!library) return EXIT_FAILURE;
  mix_tensors();
  for (size_t i = 0; i < TENSORS; i++) tensor_begin[i + 1] = tensor_begin[i] + tensors[i];
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bits_do_not_depend_on_threads),
      cmocka_unit_test(every_unit_is_done_once),
      cmocka_unit_test(lists_are_shared_evenly),
      cmocka_unit_test(threads_take_the_caller_s_arithmetic),
      cmocka_unit_test(bits_do_not_depend_on_threads_in_any_arithmetic),
      cmocka_unit_test(children_have_threads),
      cmocka_unit_test(threads_have_scratch_of_their_own),
      cmocka_unit_test(second_pass_follows_the_whole_first),
      cmocka_unit_test(no_memory_is_reported),
  };
  const int failed = cmocka_run_group_tests_name("parallel", tests, NULL, NULL);
  gm_close(library);
  return failed;
}
