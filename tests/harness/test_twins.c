/* Every build of every op's twin and core twin that runs here, on small and odd frames between inaccessible pages: what
 * is updated keeps its bits, what is only written is written to its end, what is read stays as it is, and a core twin
 * leaves all but what a row has one of alone. Labels alone are numbers, the rest is any bits. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/core.h"
#include "support.h"

enum { UNTOUCHED = 0xa5, STREAMS = GM_MAX_STREAMS, TENSORS = 3 };

/* One tensor's streams, each in pages of its own: at their end, or at their beginning, where a line begins, too. */
struct tensor {
  const gm_op *op;
  gm_frame frame;
  struct pages pages[STREAMS];
  unsigned char *before[STREAMS]; /* what the pages held */
};

static size_t bytes_of(const struct tensor *t, int k) {
  const gm_stream *stream = &t->op->stream[k];
  return stream->role == GM_RESULT ? sizeof(double)
                                   : gm_stream_extent(t->op, k, &t->frame) * gm_type_bytes(stream->type);
}

/* What is only written holds what nothing writes. */
static void fill(const struct tensor *t, int k, uint64_t *state) {
  const gm_stream *stream = &t->op->stream[k];
  unsigned char *at = t->frame.stream[k];
  memset(t->pages[k].begin, UNTOUCHED, (size_t)(t->pages[k].end - t->pages[k].begin));
  if (stream->role == GM_WRITE || stream->role == GM_RESULT) return;
  for (size_t i = 0; i < bytes_of(t, k); i += sizeof *state) {
    const uint64_t bits = random_bits(state);
    memcpy(at + i, &bits, bytes_of(t, k) - i < sizeof bits ? bytes_of(t, k) - i : sizeof bits);
  }
  for (size_t i = 0; stream->type == GM_TYPE_i32 && i < bytes_of(t, k) / sizeof(int32_t); i++)
    ((int32_t *)(void *)at)[i] = (int32_t)(random_bits(state) % t->frame.size[t->op->sizes - 1]);
}

static void tensor_make(struct tensor *t, const gm_op *op, const size_t *sizes, bool at_end) {
  uint64_t state = test_seed();
  *t = (struct tensor){.op = op};
  memcpy(t->frame.size, sizes, (size_t)op->sizes * sizeof *sizes);
  for (int h = 0; h < op->hypers; h++) t->frame.hyper[h] = op->hyper[h].usual;
  for (int k = 0; k < op->streams; k++) {
    const size_t bytes = bytes_of(t, k);
    t->pages[k] = pages_get(bytes);
    t->frame.stream[k] = at_end ? t->pages[k].end - bytes : t->pages[k].begin;
    fill(t, k, &state);
    const size_t all = (size_t)(t->pages[k].end - t->pages[k].begin);
    t->before[k] = malloc(all + 1);
    assert_non_null(t->before[k]);
    memcpy(t->before[k], t->pages[k].begin, all);
  }
}

static void tensor_free(struct tensor *t) {
  for (int k = 0; k < t->op->streams; k++) {
    pages_free(t->pages[k]);
    free(t->before[k]);
  }
}

/* ---- what became of it ------------------------------------------------------------------------------------------ */

static bool same_bytes(const struct tensor *t, int k, size_t from, size_t to) {
  return memcmp(t->pages[k].begin + from, t->before[k] + from, to - from) == 0;
}

/* All elements: none has the bytes of what nothing writes. */
static bool all_written(const struct tensor *t, int k) {
  const unsigned char *at = t->frame.stream[k];
  const size_t size = gm_type_bytes(t->op->stream[k].type), bytes = bytes_of(t, k);
  for (size_t i = 0; i < bytes; i += size) {
    bool untouched = true;
    for (size_t byte = 0; byte < size; byte++) untouched = untouched && at[i + byte] == UNTOUCHED;
    if (untouched) return false;
  }
  return true;
}

static bool one_of_a_row(const gm_op *op, int k) {
  return op->shape == GM_ROWWISE && op->stream[k].extent[0] == 0 && op->stream[k].extent[1] == GM_MAX_SIZES;
}

/* Of a row with a label, what is at the label is one of it, too: of that any change is as if it had been there before.
 */
static void allow_labelled(const struct tensor *t, int k) {
  const size_t *size = t->frame.size;
  for (int labels = 0; t->op->shape == GM_ROWWISE && labels < t->op->streams; labels++)
    for (size_t row = 0; t->op->stream[labels].type == GM_TYPE_i32 && row < size[0]; row++) {
      const size_t at = row * size[1] + (size_t)((const int32_t *)t->frame.stream[labels])[row];
      const float *now = (const float *)t->frame.stream[k] + at;
      memcpy(t->before[k] + ((const unsigned char *)now - t->pages[k].begin), now, sizeof *now);
    }
}

/* NULL where all is as it must be. */
static const char *wrong_with(const struct tensor *t, int k, bool core) {
  const gm_stream *stream = &t->op->stream[k];
  const size_t begin = (size_t)((unsigned char *)t->frame.stream[k] - t->pages[k].begin), end = begin + bytes_of(t, k);
  const size_t all = (size_t)(t->pages[k].end - t->pages[k].begin);
  if (!same_bytes(t, k, 0, begin) || !same_bytes(t, k, end, all)) return "was written beside";
  if (stream->role == GM_RESULT || (core && stream->role == GM_WRITE && one_of_a_row(t->op, k))) return NULL;
  if (core && stream->role == GM_WRITE) allow_labelled(t, k);
  if (stream->role != GM_WRITE || core) return same_bytes(t, k, begin, end) ? NULL : "was changed";
  return all_written(t, k) ? NULL : "was not written to its end";
}

/* ---- one call --------------------------------------------------------------------------------------------------- */

struct build {
  const gm_op *op; /* that is called: a list's twin is that of its plain op */
  struct twin_build twin;
  bool core;
  char name[160];
};

static long wrong;

static void judge(const struct build *build, const struct tensor *t, int threads, bool at_end) {
  for (int k = 0; k < t->op->streams; k++) {
    const char *what = build->op->of && t->op->stream[k].role == GM_RESULT ? NULL : wrong_with(t, k, build->core);
    if (!what) continue;
    wrong++;
    print_error("%s of %zu x %zu x %zu at the %s of its pages, %d thread%s: %s %s\n", build->name, t->frame.size[0],
                t->frame.size[1], t->frame.size[2], at_end ? "end" : "beginning", threads, threads > 1 ? "s" : "",
                t->op->stream[k].name, what);
  }
}

static void try_sizes(const struct build *build, const size_t *sizes, int threads, bool at_end) {
  const gm_impl impl = {.op = build->op, .body = build->twin.body, .runnable = true};
  struct tensor tensor;
  tensor_make(&tensor, build->op, sizes, at_end);
  assert_int_equal(gm_call_unchecked(&impl, threads, &tensor.frame), GM_OK);
  judge(build, &tensor, threads, at_end);
  tensor_free(&tensor);
}

static void try_list(const struct build *build, bool at_end) {
  static const size_t sizes[TENSORS] = {1, 4999, 300};
  const gm_impl impl = {.op = build->op, .body = build->twin.body, .runnable = true};
  struct tensor tensor[TENSORS];
  gm_frame frames[TENSORS], list = {.size = {TENSORS}, .stream = {frames}};
  double result = 0;
  for (int i = 0; i < TENSORS; i++) {
    tensor_make(&tensor[i], build->op->of, &sizes[i], at_end);
    frames[i] = tensor[i].frame;
  }
  const int last = build->op->streams - 1;
  if (build->op->stream[last].role == GM_RESULT) list.stream[last] = &result;
  for (int h = 0; h < build->op->hypers; h++) list.hyper[h] = build->op->hyper[h].usual;
  assert_int_equal(gm_call_unchecked(&impl, 2, &list), GM_OK);
  for (int i = 0; i < TENSORS; i++) judge(build, &tensor[i], 2, at_end);
  for (int i = 0; i < TENSORS; i++) tensor_free(&tensor[i]);
}

/* With stores past the caches, a stream begins with a line. */
static void try_build(const struct build *build) {
  static const size_t flat[][GM_MAX_SIZES] = {{1}, {7}, {64}, {257}, {4999}};
  static const size_t rows[][GM_MAX_SIZES] = {{1, 1}, {3, 7}, {5, 64}, {70, 130}, {2, 4999}};
  static const size_t products[][GM_MAX_SIZES] = {{1, 1, 1}, {3, 5, 7}, {33, 65, 129}};
  const bool streaming = strcmp(build->twin.description, "streaming") == 0;
  for (int at_end = 0; at_end <= !streaming; at_end++) {
    if (build->op->of) try_list(build, at_end);
    const gm_op *op = build->op;
    const size_t(*sizes)[GM_MAX_SIZES] = op->sizes == 1 ? flat : op->sizes == 2 ? rows : products;
    const size_t count = op->sizes == 1 ? COUNT_OF(flat) : op->sizes == 2 ? COUNT_OF(rows) : COUNT_OF(products);
    for (size_t i = 0; i < count && !op->of; i++) try_sizes(build, sizes[i], 1, at_end);
    if (!op->of) try_sizes(build, sizes[count - 1], 3, at_end);
  }
}

static bool writes(const gm_op *op) {
  for (int k = 0; k < op->streams; k++)
    if (op->stream[k].role == GM_WRITE) return true;
  return false;
}

static size_t index_of(const gm_library *library, const gm_op *op) {
  size_t index = 0;
  while (gm_op_at(library, index) != op) index++;
  return index;
}

static long try_op(const gm_library *library, const gm_op *op, const char *isa) {
  struct twin_build builds[2][TWIN_MOST_BUILDS];
  const size_t index = index_of(library, op->of ? op->of : op);
  const int count[] = {twin_builds(index, isa, !op->of && writes(op), builds[0]),
                       core_twin_builds(index, isa, builds[1])};
  assert_true(count[0] >= 2);
  for (int core = 0; core < 2; core++)
    for (int i = 0; i < count[core]; i++) {
      struct build build = {.op = op, .twin = builds[core][i], .core = core};
      snprintf(build.name, sizeof build.name, "%s of %s/%s (%s)", core ? "core twin" : "twin", op->name, isa,
               build.twin.description);
      try_build(&build);
    }
  return count[0] + count[1];
}

static void twins_walk_what_they_should(void **unused) {
  (void)unused;
  gm_library *library = gm_open(NULL, NULL);
  assert_non_null(library);
  long tried = 0;
  for (size_t i = 0; i < gm_isa_count(library); i++) {
    const gm_isa *isa = gm_isa_at(library, i);
    if (!isa->compiled || !isa->supported || strcmp(isa->name, "autovec") == 0) continue;
    for (size_t op = 0; op < gm_op_count(library); op++)
      if (!isa->fast || gm_op_at(library, op)->has_fast) tried += try_op(library, gm_op_at(library, op), isa->name);
  }
  gm_close(library);
  assert_true(tried > 0);
  assert_int_equal(wrong, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(twins_walk_what_they_should)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
