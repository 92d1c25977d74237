/* The library's calls: which implementations are offered, what is refused, and how. */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gradmark.h"
#include "support.h"

static gm_library *open_with(const char *rule) {
  gm_error error;
  gm_library *library = gm_open(rule, &error);
  if (!library) fail_msg("'%s': %s", rule ? rule : "(environment)", error.message);
  return library;
}

static const gm_isa *isa_named(const gm_library *library, const char *name) {
  for (size_t i = 0; i < gm_isa_count(library); i++)
    if (strcmp(gm_isa_at(library, i)->name, name) == 0) return gm_isa_at(library, i);
  fail_msg("no ISA %s", name);
  return NULL;
}

static const gm_op *op_named(const gm_library *library, const char *name) {
  for (size_t i = 0; i < gm_op_count(library); i++)
    if (strcmp(gm_op_at(library, i)->name, name) == 0) return gm_op_at(library, i);
  fail_msg("no op %s", name);
  return NULL;
}

static void assert_says(const gm_error *error, const char *words) {
  if (!strstr(error->message, words)) fail_msg("'%s' does not say '%s'", error->message, words);
  const size_t length = strlen(error->message);
  assert_true(length > 0 && error->message[length - 1] != '.' && error->message[length - 1] != '\n');
}

/* ---- GRADMARK_ISA ----------------------------------------------------------------------------------------------- */

static void without_a_rule_all_are_allowed(void **unused) {
  (void)unused;
  gm_library *library = open_with("");
  for (size_t i = 0; i < gm_isa_count(library); i++) assert_true(gm_isa_at(library, i)->allowed);
  gm_close(library);
}

static void a_rule_forces(void **unused) {
  (void)unused;
  gm_library *library = open_with("autovec");
  for (size_t i = 0; i < gm_isa_count(library); i++) {
    const gm_isa *isa = gm_isa_at(library, i);
    assert_true(isa->allowed == (strcmp(isa->name, "autovec") == 0 || strcmp(isa->name, "scalar") == 0));
    if (isa->compiled && isa->supported && !isa->allowed) assert_string_equal(isa->why_not, "excluded by GRADMARK_ISA");
  }
  for (size_t i = 0; i < gm_impl_count(library); i++) {
    const gm_impl *impl = gm_impl_at(library, i);
    if (impl->runnable) assert_true(strcmp(impl->impl, "autovec") == 0 || strcmp(impl->impl, "scalar") == 0);
    assert_true(impl->runnable || impl->why_not);
  }
  gm_close(library);
  library = open_with("scalar");
  assert_string_equal(gm_find(library, "adamw/f32", NULL)->name, "adamw/f32/scalar");
  gm_close(library);
}

static void a_rule_forbids(void **unused) {
  (void)unused;
  gm_library *library = open_with("-autovec,-avx512");
  for (size_t i = 0; i < gm_isa_count(library); i++) {
    const gm_isa *isa = gm_isa_at(library, i);
    assert_true(isa->allowed == (strcmp(isa->name, "autovec") != 0 && strcmp(isa->name, "avx512") != 0));
  }
  gm_close(library);
  library = open_with("autovec,-scalar,");
  assert_false(isa_named(library, "scalar")->allowed);
  assert_true(isa_named(library, "autovec")->allowed);
  gm_close(library);
}

static void a_rule_comes_from_the_environment(void **unused) {
  (void)unused;
  assert_int_equal(setenv("GRADMARK_ISA", "scalar", 1), 0);
  gm_library *library = open_with(NULL);
  assert_false(isa_named(library, "autovec")->allowed);
  gm_close(library);
  library = open_with(""); /* a rule that is given goes before the environment's */
  assert_true(isa_named(library, "autovec")->allowed);
  gm_close(library);
  assert_int_equal(setenv("GRADMARK_ISA", "avx3", 1), 0);
  assert_null(gm_open(NULL, NULL));
  assert_int_equal(unsetenv("GRADMARK_ISA"), 0);
  library = open_with(NULL);
  assert_true(isa_named(library, "autovec")->allowed);
  gm_close(library);
}

static void unknown_isas_are_named(void **unused) {
  (void)unused;
  const struct {
    const char *rule, *said;
  } wrong[] = {{"avx3", "'avx3'"},   {"avx2,avx", "'avx'"},     {"-sse9", "'-sse9'"},
               {"avx2 ", "'avx2 '"}, {"scalar,,autovec", "''"}, {"-", "'-'"},
               {"AVX2", "'AVX2'"},   {"avx2_", "'avx2_'"},      {"scala", "'scala'"}};
  for (size_t i = 0; i < COUNT_OF(wrong); i++) {
    gm_error error = {0};
    assert_null(gm_open(wrong[i].rule, &error));
    assert_int_equal(error.status, GM_UNKNOWN_NAME);
    assert_says(&error, "unknown ISA");
    assert_says(&error, wrong[i].said);
  }
  char endless[2000];
  memset(endless, 'x', sizeof endless - 1);
  endless[sizeof endless - 1] = '\0';
  gm_error error;
  assert_null(gm_open(endless, &error));
  assert_says(&error, "unknown ISA");
}

/* ---- finding ---------------------------------------------------------------------------------------------------- */

static void finds_by_full_name_and_best(void **unused) {
  (void)unused;
  gm_library *library = open_with("");
  for (size_t i = 0; i < gm_impl_count(library); i++)
    assert_ptr_equal(gm_find(library, gm_impl_at(library, i)->name, NULL), gm_impl_at(library, i));
  for (size_t i = 0; i < gm_op_count(library); i++) {
    char name[GM_NAME_SIZE];
    const gm_op *op = gm_op_at(library, i);
    snprintf(name, sizeof name, "%s/%s", op->name, op->dtype);
    const gm_impl *best = gm_find(library, name, NULL);
    assert_non_null(best);
    assert_true(best->op == op && best->runnable && !best->fast);
    for (size_t k = 0; k < gm_impl_count(library); k++) {
      const gm_impl *other = gm_impl_at(library, k);
      if (other->op == op && other->runnable && !other->fast) assert_true(other->preference <= best->preference);
    }
  }
  gm_close(library);
}

static void unknown_names_are_refused(void **unused) {
  (void)unused;
  gm_library *library = open_with("");
  const char *const wrong[] = {"",
                               "/",
                               "adamw",
                               "adamw/",
                               "adamw/f3",
                               "adamw/f32/",
                               "adamw/f32/scala",
                               "adam w/f32",
                               "adamw/f32/scalar/",
                               "damw/f32",
                               "adamw/f64",
                               "adamw/f32/avx1024"};
  for (size_t i = 0; i < COUNT_OF(wrong); i++) {
    gm_error error = {0};
    assert_null(gm_find(library, wrong[i], &error));
    assert_int_equal(error.status, GM_UNKNOWN_NAME);
    assert_says(&error, "no implementation is named");
    assert_null(gm_find(library, wrong[i], NULL));
  }
  gm_close(library);
}

/* ---- refusing --------------------------------------------------------------------------------------------------- */

struct refusal {
  gm_library *library;
  struct job job, before;
};

/* A job and its twin, from which a refused call must not make it differ. */
static struct refusal prepare(const char *op_name, const size_t *sizes) {
  struct refusal r = {.library = open_with("")};
  const gm_op *op = op_named(r.library, op_name);
  job_make(&r.job, op, sizes);
  job_make(&r.before, op, sizes);
  job_fill(&r.job, test_seed());
  job_fill(&r.before, test_seed());
  return r;
}

static void refused(struct refusal *r, const gm_frame *frame, int threads, gm_status status, const char *words) {
  for (size_t i = 0; i < gm_impl_count(r->library); i++) {
    const gm_impl *impl = gm_impl_at(r->library, i);
    if (impl->op != r->job.op || !impl->runnable) continue;
    gm_error error = {0};
    const gm_status got = gm_call(impl, threads, frame, &error);
    if (got != status) fail_msg("%s: status %d, not %d: %s", impl->name, got, status, error.message);
    assert_int_equal(error.status, status);
    assert_says(&error, words);
    assert_int_equal(gm_call(impl, threads, frame, NULL), status);
  }
  assert_true(job_same(&r->job, &r->before));
}

static void finish(struct refusal *r) {
  job_free(&r->job);
  job_free(&r->before);
  gm_close(r->library);
}

/* Every stream of every op, one fault at a time. */
static void bad_streams_are_refused(void **unused) {
  (void)unused;
  gm_library *library = open_with("");
  for (size_t i = 0; i < gm_op_count(library); i++) {
    const gm_op *op = gm_op_at(library, i);
    if (op->shape == GM_LIST) continue;
    struct refusal r = prepare(op->name, (const size_t[]){7, 5, 3});
    for (int k = 0; k < op->streams; k++) {
      const char *name = op->stream[k].name;
      const size_t size = gm_type_bytes(op->stream[k].type);
      const size_t bytes = size * gm_stream_extent(op, k, &r.job.frame);
      char *at = r.job.frame.stream[k];
      gm_frame frame = r.job.frame;
      frame.stream[k] = NULL;
      refused(&r, &frame, 1, GM_BAD_STREAM, "null");
      refused(&r, &frame, 1, GM_BAD_STREAM, name);
      for (size_t shift = 1; shift < size; shift++) {
        frame.stream[k] = at + shift;
        refused(&r, &frame, 1, GM_BAD_STREAM, "aligned");
        refused(&r, &frame, 1, GM_BAD_STREAM, name);
      }
      frame.stream[k] = (void *)(UINTPTR_MAX - size + 1); /* its last byte is the last of all */
      if (bytes > size) refused(&r, &frame, 1, GM_BAD_STREAM, "past the end of memory");
      for (int other = 0; other < op->streams; other++) {
        if (other == k) continue;
        const size_t other_size = gm_type_bytes(op->stream[other].type);
        const size_t other_bytes = other_size * gm_stream_extent(op, other, &r.job.frame);
        char *there = r.job.frame.stream[other];
        frame = r.job.frame;
        frame.stream[k] = there; /* the same; then by the last element; then from the first */
        refused(&r, &frame, 1, GM_BAD_STREAM, "overlap");
        if ((other_bytes - other_size) % size == 0) frame.stream[k] = there + other_bytes - other_size;
        refused(&r, &frame, 1, GM_BAD_STREAM, "overlap");
        const uintptr_t before = (uintptr_t)there - bytes + size;
        if (before % size == 0) frame.stream[k] = (void *)before;
        refused(&r, &frame, 1, GM_BAD_STREAM, "overlap");
      }
    }
    assert_int_equal(gm_check(op, &r.job.frame, NULL), GM_OK);
    assert_int_equal(gm_check(op, NULL, NULL), GM_BAD_STREAM);
    finish(&r);
  }
  gm_close(library);
}

/* Streams may touch: one may begin where another ends. */
static void neighbours_do_not_overlap(void **unused) {
  (void)unused;
  gm_library *library = open_with("");
  float memory[20] = {0};
  gm_frame frame = {.size = {10}, .stream = {memory, memory + 10}, .hyper = {0.1, 0}};
  assert_int_equal(gm_call(gm_find(library, "sgd/f32", NULL), 1, &frame, NULL), GM_OK);
  frame.stream[0] = memory + 10, frame.stream[1] = memory;
  assert_int_equal(gm_call(gm_find(library, "sgd/f32", NULL), 1, &frame, NULL), GM_OK);
  gm_close(library);
}

static void bad_sizes_are_refused(void **unused) {
  (void)unused;
  const struct {
    const char *op;
    size_t size[3];
    const char *said;
  } row[] = {
      {"softmax_xent", {0, 5}, "rows is 0"},
      {"softmax_xent", {5, 0}, "cols is 0"},
      {"linear_backward", {0, 5, 3}, "batch is 0"},
      {"linear_backward", {7, 0, 3}, "in is 0"},
      {"linear_backward", {7, 5, 0}, "out is 0"},
      {"mse", {0}, "mean over 0 elements"},
      {"sgd", {SIZE_MAX}, "more elements than memory"},
      {"sgd", {SIZE_MAX / 2}, "more elements than memory"},
      {"sgd", {SIZE_MAX / 8}, "more elements than memory"},
      {"grad_sumsq", {SIZE_MAX / 4}, "more elements than memory"},
      {"softmax_xent", {SIZE_MAX / 2, 3}, "more elements than memory"},
      {"softmax_xent", {(size_t)1 << (sizeof(size_t) * 4), (size_t)1 << (sizeof(size_t) * 4)}, "more elements"},
      /* Each matrix is possible, their product is not: batch x in x out. */
      {"linear_backward", {(size_t)1 << 24, (size_t)1 << 24, (size_t)1 << 24}, "beyond what memory can hold"},
      {"linear_backward", {SIZE_MAX, SIZE_MAX, SIZE_MAX}, "more elements than memory"},
  };
  for (size_t i = 0; i < COUNT_OF(row); i++) {
    struct refusal r = prepare(row[i].op, (const size_t[]){7, 5, 3});
    gm_frame frame = r.job.frame;
    memcpy(frame.size, row[i].size, sizeof frame.size);
    refused(&r, &frame, 1, GM_BAD_SIZE, row[i].said);
    refused(&r, &frame, 1, GM_BAD_SIZE, row[i].op);
    finish(&r);
  }
}

/* Nothing is a valid number of elements where no mean is taken; then even the pointers do not matter. */
static void empty_arrays_are_fine(void **unused) {
  (void)unused;
  gm_library *library = open_with("");
  for (size_t i = 0; i < gm_impl_count(library); i++) {
    const gm_impl *impl = gm_impl_at(library, i);
    if (!impl->runnable || impl->op->shape != GM_ELEMENTWISE) continue;
    gm_frame frame = {0};
    for (int k = 0; k < impl->op->hypers; k++) frame.hyper[k] = impl->op->hyper[k].usual;
    for (int threads = 1; threads <= 4; threads++) assert_int_equal(gm_call(impl, threads, &frame, NULL), GM_OK);
  }
  double sumsq = 7;
  gm_frame frame = {.stream = {NULL, &sumsq}};
  assert_int_equal(gm_call(gm_find(library, "grad_sumsq/f32", NULL), 3, &frame, NULL), GM_OK);
  assert_true(sumsq == 0);
  frame = (gm_frame){0};
  assert_int_equal(gm_check(op_named(library, "grad_sumsq"), &frame, NULL), GM_BAD_STREAM); /* no place for the sum */
  gm_close(library);
}

static void bad_hyperparameters_are_refused(void **unused) {
  (void)unused;
  gm_library *library = open_with("");
  for (size_t i = 0; i < gm_op_count(library); i++) {
    const gm_op *op = gm_op_at(library, i);
    if (op->shape == GM_LIST) continue;
    struct refusal r = prepare(op->name, (const size_t[]){7, 5, 3});
    for (int k = 0; k < op->hypers; k++) {
      const gm_hyper *hyper = &op->hyper[k];
      const double wrong[] = {
          NAN, -NAN, INFINITY, -INFINITY, nextafter(hyper->low, -INFINITY), nextafter(hyper->high, INFINITY)};
      for (size_t w = 0; w < COUNT_OF(wrong); w++) {
        gm_frame frame = r.job.frame;
        frame.hyper[k] = wrong[w];
        refused(&r, &frame, 1, GM_BAD_HYPER, hyper->name);
        refused(&r, &frame, 1, GM_BAD_HYPER, "it must be ");
      }
      const double right[] = {hyper->low, hyper->high, hyper->usual, hyper->other};
      for (size_t w = 0; w < COUNT_OF(right); w++) {
        gm_frame frame = r.job.frame;
        frame.hyper[k] = right[w];
        assert_int_equal(gm_check(op, &frame, NULL), GM_OK);
      }
    }
    finish(&r);
  }
  gm_close(library);
}

/* Decay rates may be anything below one, and one is not called "between". */
static void half_open_ranges_are_said(void **unused) {
  (void)unused;
  struct refusal r = prepare("adamw", (const size_t[]){7});
  gm_frame frame = r.job.frame;
  frame.hyper[2] = 1;
  refused(&r, &frame, 1, GM_BAD_HYPER, "adamw: beta2 is 1; it must be at least 0 and below 1");
  frame.hyper[2] = nextafter(1, 0);
  assert_int_equal(gm_check(r.job.op, &frame, NULL), GM_OK);
  frame = r.job.frame, frame.hyper[0] = -1;
  refused(&r, &frame, 1, GM_BAD_HYPER, "adamw: lr is -1; it must be between 0 and 1e+06");
  finish(&r);
}

static void labels_out_of_range_are_refused(void **unused) {
  (void)unused;
  struct refusal r = prepare("softmax_xent", (const size_t[]){7, 5});
  const struct {
    int32_t label;
    size_t row;
    const char *said;
  } wrong[] = {{5, 0, "labels[0] is 5, outside 0 .. 4"},
               {-1, 6, "labels[6] is -1"},
               {INT32_MIN, 3, "labels[3] is -2147483648"},
               {INT32_MAX, 3, "labels[3] is 2147483647"}};
  for (size_t i = 0; i < COUNT_OF(wrong); i++) {
    int32_t *labels = r.job.frame.stream[1], *before = r.before.frame.stream[1];
    const int32_t kept = labels[wrong[i].row];
    labels[wrong[i].row] = before[wrong[i].row] = wrong[i].label;
    refused(&r, &r.job.frame, 1, GM_BAD_SIZE, wrong[i].said);
    labels[wrong[i].row] = before[wrong[i].row] = kept;
  }
  assert_int_equal(gm_check(r.job.op, &r.job.frame, NULL), GM_OK);
  finish(&r);
}

static void bad_thread_counts_are_refused(void **unused) {
  (void)unused;
  const int wrong[] = {0, -1, INT_MIN, GM_MAX_THREADS + 1, INT_MAX};
  struct refusal r = prepare("adamw", (const size_t[]){100});
  for (size_t i = 0; i < COUNT_OF(wrong); i++) refused(&r, &r.job.frame, wrong[i], GM_BAD_THREADS, "threads");
  finish(&r);
}

static void what_does_not_run_is_refused(void **unused) {
  (void)unused;
  struct refusal r = prepare("adamw", (const size_t[]){100});
  gm_library *narrow = open_with("scalar");
  gm_error error = {0};
  const gm_impl *impl = gm_find(narrow, "adamw/f32/autovec", NULL);
  assert_non_null(impl);
  assert_int_equal(gm_call(impl, 1, &r.job.frame, &error), GM_NOT_RUNNABLE);
  assert_says(&error, "adamw/f32/autovec does not run here: ");
  assert_int_equal(gm_call(NULL, 1, &r.job.frame, &error), GM_UNKNOWN_NAME);
  assert_true(job_same(&r.job, &r.before));
  gm_close(narrow);
  gm_library *none = open_with("scalar,-scalar");
  assert_null(gm_find(none, "adamw/f32", &error));
  assert_int_equal(error.status, GM_NOT_RUNNABLE);
  assert_says(&error, "no implementation of adamw/f32 runs here (");
  assert_says(&error, ": excluded by GRADMARK_ISA)");
  float grads[1] = {0};
  double sumsq;
  const gm_grad_sumsq_f32_args args = {1, grads, &sumsq};
  assert_int_equal(gm_grad_sumsq_f32(none, 1, &args, &error), GM_NOT_RUNNABLE);
  assert_int_equal(gm_grad_sumsq_f32(none, 1, &args, NULL), GM_NOT_RUNNABLE);
  gm_close(none);
  finish(&r);
}

/* Whoever goes on after a failed gm_open. */
static void nothing_given_is_refused(void **unused) {
  (void)unused;
  gm_library *library = open_with("");
  gm_error error = {0};
  assert_null(gm_find(NULL, "adamw/f32", &error));
  assert_int_equal(error.status, GM_UNKNOWN_NAME);
  assert_says(&error, "no library was given");
  assert_null(gm_find(library, NULL, &error));
  assert_says(&error, "no name was given");
  const gm_frame frame = {0};
  assert_int_equal(gm_check(NULL, &frame, &error), GM_UNKNOWN_NAME);
  assert_says(&error, "no op was given");
  assert_int_equal(gm_check(op_named(library, "adamw"), NULL, &error), GM_BAD_STREAM);
  assert_int_equal(gm_load_plugin(NULL, PLUGINS "/libplugin_none.so", &error), GM_BAD_PLUGIN);
  assert_int_equal(gm_load_plugin(library, NULL, &error), GM_BAD_PLUGIN);
  assert_int_equal(gm_op_count(NULL) + gm_isa_count(NULL) + gm_impl_count(NULL), 0);
  assert_true(!gm_op_at(NULL, 0) && !gm_isa_at(NULL, 0) && !gm_impl_at(NULL, 0));
  assert_null(gm_op_at(library, gm_op_count(library)));
  assert_null(gm_isa_at(library, gm_isa_count(library)));
  assert_null(gm_impl_at(library, gm_impl_count(library)));
  gm_close(library);
}

/* One bad tensor, and none of the others is touched. */
static void bad_lists_are_refused(void **unused) {
  (void)unused;
  gm_library *library = open_with("");
  const gm_op *op = op_named(library, "adamw_list");
  const size_t tensors[] = {3, 0, 40, 17};
  struct refusal r = {.library = library};
  job_make_list(&r.job, op, tensors, COUNT_OF(tensors));
  job_make_list(&r.before, op, tensors, COUNT_OF(tensors));
  job_fill(&r.job, 1);
  job_fill(&r.before, 1);
  gm_frame *frames = r.job.frame.stream[0];
  const gm_frame good = frames[3];
  frames[3].stream[1] = NULL;
  refused(&r, &r.job.frame, 2, GM_BAD_STREAM, "adamw_list: tensor 3: adamw: grads is null");
  frames[3] = good, frames[3].hyper[5] = 0;
  refused(&r, &r.job.frame, 2, GM_BAD_HYPER, "tensor 3: adamw: step is 0");
  frames[3] = good, frames[3].size[0] = SIZE_MAX / 8;
  refused(&r, &r.job.frame, 2, GM_BAD_SIZE, "tensor 3");
  frames[3] = good, frames[3].stream[0] = frames[2].stream[0];
  refused(&r, &r.job.frame, 2, GM_BAD_STREAM, "overlap");
  frames[3] = good;
  gm_frame frame = r.job.frame;
  frame.stream[0] = NULL;
  refused(&r, &frame, 2, GM_BAD_STREAM, "the list is null");
  frame.size[0] = 0;
  assert_int_equal(gm_call(gm_find(library, "adamw_list/f32", NULL), 2, &frame, NULL), GM_OK);
  frame = r.job.frame, frame.size[0] = (size_t)1 << 62;
  refused(&r, &frame, 2, GM_BAD_SIZE, "adamw_list: 4611686018427387904 tensors are more than memory can hold");
  frame.size[0] = SIZE_MAX / 16 / sizeof frame, frame.stream[0] = (void *)(UINTPTR_MAX - 1023);
  refused(&r, &frame, 2, GM_BAD_STREAM, "adamw_list: the list runs past the end of memory");
  frame = r.job.frame, frame.stream[0] = (char *)frame.stream[0] + 1;
  refused(&r, &frame, 2, GM_BAD_STREAM, "adamw_list: the list is not aligned");
  /* A step that overwrites the frames on which it goes by. */
  frames[0].stream[1] = &frames[2];
  refused(&r, &r.job.frame, 2, GM_BAD_STREAM, "adamw_list: grads of tensor 0 overlaps the list");
  job_free(&r.job);
  job_free(&r.before);
  gm_close(library);
}

/* A list of an op with a result: one norm and one max_norm, in the list's own frame. */
static void bad_lists_with_a_result_are_refused(void **unused) {
  (void)unused;
  gm_library *library = open_with("");
  const size_t tensors[] = {3, 0, 40};
  struct refusal r = {.library = library};
  job_make_list(&r.job, op_named(library, "clip_global_norm"), tensors, COUNT_OF(tensors));
  job_make_list(&r.before, op_named(library, "clip_global_norm"), tensors, COUNT_OF(tensors));
  job_fill(&r.job, 1);
  job_fill(&r.before, 1);
  gm_frame frame = r.job.frame;
  frame.stream[1] = NULL;
  refused(&r, &frame, 2, GM_BAD_STREAM, "clip_global_norm: norm is null");
  frame.size[0] = 0;
  refused(&r, &frame, 2, GM_BAD_STREAM, "clip_global_norm: norm is null");
  frame = r.job.frame, frame.stream[1] = (char *)frame.stream[1] + 4;
  refused(&r, &frame, 2, GM_BAD_STREAM, "clip_global_norm: norm is not aligned");
  frame = r.job.frame, frame.hyper[0] = -1;
  refused(&r, &frame, 2, GM_BAD_HYPER, "clip_global_norm: max_norm is -1");
  gm_frame *frames = r.job.frame.stream[0];
  frame = r.job.frame, frame.stream[1] = frames[2].stream[0];
  refused(&r, &frame, 2, GM_BAD_STREAM, "tensor 2: clip_norm: grads and norm overlap");
  frame = r.job.frame, frame.stream[1] = &frames[1];
  refused(&r, &frame, 2, GM_BAD_STREAM, "clip_global_norm: norm lies within the list");
  gm_frame good = frames[2];
  frames[2].stream[0] = frames[0].stream[0];
  refused(&r, &r.job.frame, 2, GM_BAD_STREAM, "overlap");
  frames[2] = good, frames[2].hyper[0] = NAN, frames[2].stream[1] = NULL; /* not looked at */
  assert_int_equal(gm_check(r.job.op, &r.job.frame, NULL), GM_OK);
  frames[2] = good;
  frame = r.job.frame, frame.size[0] = 0, frame.stream[0] = NULL;
  assert_int_equal(gm_call(gm_find(library, "clip_global_norm/f32", NULL), 2, &frame, NULL), GM_OK);
  assert_true(*(const double *)frame.stream[1] == 0);
  job_free(&r.job);
  job_free(&r.before);
  gm_close(library);
}

/* ---- extents ---------------------------------------------------------------------------------------------------- */

static void extents_elements_and_bytes(void **unused) {
  (void)unused;
  gm_library *library = open_with("");
  gm_frame frame = {.size = {7, 5, 3}};
  const gm_op *linear = op_named(library, "linear_backward");
  const size_t linear_extents[] = {7 * 5, 3 * 5, 7 * 3, 7 * 5, 3 * 5, 3};
  assert_int_equal(linear->streams, COUNT_OF(linear_extents));
  for (int k = 0; k < linear->streams; k++) assert_int_equal(gm_stream_extent(linear, k, &frame), linear_extents[k]);
  assert_int_equal(gm_elements(linear, &frame), 7 * 5 * 3);
  assert_true(gm_bytes(linear, &frame) == 4.0 * (35 + 15 + 21 + 2 * 35 + 2 * 15 + 2 * 3));
  const gm_op *softmax = op_named(library, "softmax_xent");
  assert_int_equal(gm_stream_extent(softmax, 1, &frame), 7);
  assert_int_equal(gm_stream_extent(softmax, 3, &frame), 1);
  assert_int_equal(gm_elements(softmax, &frame), 35);
  assert_true(gm_bytes(softmax, &frame) == 4.0 * (35 + 7 + 2 * 35));
  const gm_op *adamw = op_named(library, "adamw");
  assert_int_equal(gm_elements(adamw, &frame), 7);
  assert_true(gm_bytes(adamw, &frame) == 7 * 28.0);
  assert_true(gm_bytes(op_named(library, "grad_sumsq"), &frame) == 7 * 4.0);
  assert_true(gm_bytes(op_named(library, "mse"), &frame) == 7 * 16.0);
  gm_frame tensors[] = {{.size = {7}}, {.size = {0}}, {.size = {5}}};
  gm_frame list = {.size = {3}, .stream = {tensors}};
  assert_int_equal(gm_elements(op_named(library, "adamw_list"), &list), 12);
  assert_true(gm_bytes(op_named(library, "adamw_list"), &list) == 12 * 28.0);
  assert_true(gm_bytes(op_named(library, "clip_norm"), &frame) == 7 * 12.0); /* read, then updated */
  list.size[0] = 2;
  assert_true(gm_bytes(op_named(library, "clip_global_norm"), &list) == 7 * 12.0);
  frame = (gm_frame){.size = {SIZE_MAX, 2, 1}};
  assert_true(gm_stream_extent(softmax, 0, &frame) == SIZE_MAX);
  assert_true(gm_elements(softmax, &frame) == SIZE_MAX);
  list.size[0] = (size_t)1 << 62;
  assert_true(gm_elements(op_named(library, "adamw_list"), &list) == SIZE_MAX);
  assert_true(isinf(gm_bytes(op_named(library, "adamw_list"), &list)));
  list.size[0] = 3, tensors[1].size[0] = tensors[2].size[0] = SIZE_MAX / 2 + 1;
  assert_true(gm_elements(op_named(library, "adamw_list"), &list) == SIZE_MAX);
  assert_int_equal(gm_type_bytes(GM_TYPE_f32), 4);
  assert_int_equal(gm_type_bytes(GM_TYPE_i32), 4);
  assert_int_equal(gm_type_bytes(GM_TYPE_f64), 8);
  assert_int_equal(gm_type_bytes(GM_TYPE_i8), 1);
  assert_true(strlen(gm_version()) > 0);
  gm_close(library);
}

/* ---- typed calls ------------------------------------------------------------------------------------------------ */

static void typed_calls_are_the_calls_by_name(void **unused) {
  (void)unused;
  gm_library *library = open_with("");
  struct job typed, named;
  const size_t n = 1003;
  job_make(&typed, op_named(library, "adamw"), &n);
  job_make(&named, op_named(library, "adamw"), &n);
  job_fill(&typed, 5);
  job_fill(&named, 5);
  for (int step = 1; step <= 3; step++) {
    const gm_adamw_f32_args args = {.n = n,
                                    .params = typed.frame.stream[0],
                                    .grads = typed.frame.stream[1],
                                    .exp_avg = typed.frame.stream[2],
                                    .exp_avg_sq = typed.frame.stream[3],
                                    .lr = 0.01,
                                    .beta1 = 0.8,
                                    .beta2 = 0.95,
                                    .eps = 1e-6,
                                    .weight_decay = 0.1,
                                    .step = step};
    assert_int_equal(gm_adamw_f32(library, 2, &args, NULL), GM_OK);
    const double hyper[] = {0.01, 0.8, 0.95, 1e-6, 0.1, step};
    memcpy(named.frame.hyper, hyper, sizeof hyper);
    assert_int_equal(gm_call(gm_find(library, "adamw/f32", NULL), 1, &named.frame, NULL), GM_OK);
    assert_true(job_same(&typed, &named));
  }
  gm_error error = {0};
  assert_int_equal(gm_adamw_f32(NULL, 1, &(gm_adamw_f32_args){0}, &error), GM_BAD_STREAM);
  assert_int_equal(gm_adamw_f32(library, 1, NULL, &error), GM_BAD_STREAM);
  assert_says(&error, "adamw");
  assert_int_equal(gm_adamw_f32(library, 1, &(gm_adamw_f32_args){.n = 1, .step = 1}, &error), GM_BAD_STREAM);
  assert_int_equal(gm_adamw_f32(library, 1, &(gm_adamw_f32_args){.n = 1}, NULL), GM_BAD_HYPER);
  double sumsq = 0;
  const float grads[] = {3, 4};
  assert_int_equal(gm_grad_sumsq_f32(library, 1, &(gm_grad_sumsq_f32_args){2, grads, &sumsq}, NULL), GM_OK);
  assert_true(sumsq == 25);
  job_free(&typed);
  job_free(&named);
  gm_close(library);
}

/* ---- plug-ins --------------------------------------------------------------------------------------------------- */

static void faulty_plugins_are_refused(void **unused) {
  (void)unused;
  const struct {
    const char *fault, *said;
  } row[] = {
      {"abi", "exports no gm_plugin of ABI 2"},
      {"op", "unknown op 'no_such_op/f32'"},
      {"name", "without op, dtype, name or body"},
      {"body", "without op, dtype, name or body"},
      {"tiles", "counts its tiles"},
      {"second_pass", "'clip_norm' needs a body with a second pass"},
      {"empty", "a name that is empty or not of letters"},
      {"escape", "a name that is empty or not of letters"},
      {"requires", "'coloured': `requires` is not plain ASCII text"},
      {"twice", "'sgd/f32/idle' exists already"},
  };
  gm_library *library = open_with("");
  const size_t before = gm_impl_count(library);
  gm_error error = {0};
  for (size_t i = 0; i < COUNT_OF(row); i++) {
    char file[500];
    snprintf(file, sizeof file, "%s/libplugin_%s.so", PLUGINS, row[i].fault);
    assert_int_equal(gm_load_plugin(library, file, &error), GM_BAD_PLUGIN);
    assert_says(&error, row[i].said);
    assert_int_equal(gm_impl_count(library), before);
    assert_int_equal(gm_load_plugin(library, file, NULL), GM_BAD_PLUGIN);
  }
  assert_int_equal(gm_load_plugin(library, PLUGINS "/no_such_file.so", &error), GM_BAD_PLUGIN);
  assert_says(&error, "cannot be loaded");
  gm_close(library);
}

static void plugins_add_implementations(void **unused) {
  (void)unused;
  gm_library *library = open_with("");
  const size_t before = gm_impl_count(library);
  assert_int_equal(gm_load_plugin(library, PLUGINS "/libplugin_none.so", NULL), GM_OK);
  assert_int_equal(gm_impl_count(library), before + 1);
  const gm_impl *impl = gm_find(library, "sgd/f32/idle", NULL);
  assert_non_null(impl);
  assert_true(impl->plugin && impl->runnable && impl->compiled && !impl->fused && !impl->fast);
  assert_ptr_equal(impl->op, op_named(library, "sgd"));
  assert_true(gm_find(library, "sgd/f32", NULL) != impl); /* never chosen unasked: */
  gm_library *none = open_with("scalar,-scalar");
  assert_int_equal(gm_load_plugin(none, PLUGINS "/libplugin_none.so", NULL), GM_OK);
  assert_null(gm_find(none, "sgd/f32", NULL));
  assert_non_null(gm_find(none, "sgd/f32/idle", NULL));
  gm_close(none);
  struct refusal r = prepare("sgd", (const size_t[]){100});
  assert_int_equal(gm_call(impl, 2, &r.job.frame, NULL), GM_OK);
  assert_true(job_same(&r.job, &r.before));
  finish(&r);
  assert_int_equal(gm_load_plugin(library, PLUGINS "/libplugin_none.so", NULL), GM_BAD_PLUGIN); /* once is enough */
  gm_close(library);
  char *here = getcwd(NULL, 0);
  library = open_with("");
  assert_int_equal(chdir(PLUGINS), 0);
  assert_int_equal(gm_load_plugin(library, "libplugin_none.so", NULL), GM_OK);
  assert_int_equal(chdir(here), 0);
  free(here);
  gm_close(library);
  gm_close(NULL);
}

int main(void) {
  unsetenv("GRADMARK_ISA");
  test_seed();
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(without_a_rule_all_are_allowed),
      cmocka_unit_test(a_rule_forces),
      cmocka_unit_test(a_rule_forbids),
      cmocka_unit_test(a_rule_comes_from_the_environment),
      cmocka_unit_test(unknown_isas_are_named),
      cmocka_unit_test(finds_by_full_name_and_best),
      cmocka_unit_test(unknown_names_are_refused),
      cmocka_unit_test(bad_streams_are_refused),
      cmocka_unit_test(neighbours_do_not_overlap),
      cmocka_unit_test(bad_sizes_are_refused),
      cmocka_unit_test(empty_arrays_are_fine),
      cmocka_unit_test(bad_hyperparameters_are_refused),
      cmocka_unit_test(half_open_ranges_are_said),
      cmocka_unit_test(labels_out_of_range_are_refused),
      cmocka_unit_test(bad_thread_counts_are_refused),
      cmocka_unit_test(what_does_not_run_is_refused),
      cmocka_unit_test(nothing_given_is_refused),
      cmocka_unit_test(bad_lists_are_refused),
      cmocka_unit_test(bad_lists_with_a_result_are_refused),
      cmocka_unit_test(extents_elements_and_bytes),
      cmocka_unit_test(typed_calls_are_the_calls_by_name),
      cmocka_unit_test(faulty_plugins_are_refused),
      cmocka_unit_test(plugins_add_implementations),
  };
  return cmocka_run_group_tests_name("library", tests, NULL, NULL);
}
