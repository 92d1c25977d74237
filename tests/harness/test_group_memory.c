/* Where the streams of timed calls lie, and what is in them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>

#include <cmocka.h>

#include "measure/group_memory.h"
#include "reference_shape.h"

enum { SPAN = 128 << 10, SET = 3 << 20, SMALLER_SET = 1 << 19 };
static const struct arena_settings settings = {.cache_span = SPAN};
static const struct machine machine = {.numa_nodes = 1};

static gm_library *library;

static int open_library(void **unused) {
  (void)unused;
  gm_error error;
  return (library = gm_open(NULL, &error)) ? 0 : -1;
}

static int close_library(void **unused) {
  (void)unused;
  gm_close(library);
  return 0;
}

static const gm_op *op_named(const char *name) {
  for (size_t i = 0; i < gm_op_count(library); i++)
    if (strcmp(gm_op_at(library, i)->name, name) == 0) return gm_op_at(library, i);
  fail_msg("there is no op %s", name);
  return NULL;
}

static size_t bytes_of(const gm_op *op, int k, const gm_frame *frame) {
  return gm_stream_extent(op, k, frame) * gm_type_bytes(op->stream[k].type);
}

static bool is_array(const gm_op *op, int k) { return op->stream[k].role != GM_RESULT; }

static void assert_apart(const void *a, size_t a_bytes, const void *b, size_t b_bytes) {
  const uintptr_t x = (uintptr_t)a, y = (uintptr_t)b;
  assert_true(x + a_bytes <= y || y + b_bytes <= x);
}

static void assert_streams_apart(const gm_op *op, const gm_frame *frame) {
  for (int i = 0; i < op->streams; i++)
    for (int k = 0; k < i; k++)
      if (is_array(op, i) && is_array(op, k))
        assert_apart(frame->stream[i], bytes_of(op, i, frame), frame->stream[k], bytes_of(op, k, frame));
}

static void assert_values(const gm_op *op, int k, const gm_frame *frame) {
  const float *x = frame->stream[k];
  bool negative = false;
  if (op->stream[k].type != GM_TYPE_f32) return;
  for (size_t i = 0; i < gm_stream_extent(op, k, frame); i++) {
    assert_true(fabsf(x[i]) >= 0.5f && fabsf(x[i]) <= 1);
    negative |= x[i] < 0;
  }
  const enum values values = values_of(&op->stream[k]);
  if (op->stream[k].domain != GM_ANY && values != VALUES_WRITTEN) assert_false(negative);
  if (values == VALUES_READ || values == VALUES_UPDATED) assert_true(negative || gm_stream_extent(op, k, frame) < 100);
}

/* Whatever ops come, and wherever their streams begin: what they read is valid for it. */
static void what_is_shared_is_valid_for_every_op(void **unused) {
  (void)unused;
  struct group_memory memory;
  group_memory_open(&memory, &machine, &settings);
  for (size_t i = 0; i < gm_op_count(library); i++) {
    const gm_op *op = gm_op_at(library, i);
    const gm_frame frame = reference_frame(op, SET);
    if (!op->of) group_memory_expect(&memory, op, &frame);
  }
  for (size_t i = 0; i < gm_op_count(library); i++) {
    const gm_op *op = gm_op_at(library, i);
    gm_frame frame = reference_frame(op, SET);
    struct layout layout;
    if (op->of) continue;
    assert_true(group_memory_take(&memory, op, &frame, 1, true, &layout));
    if (i == 0) group_memory_fill(&memory, 2, false);
    assert_streams_apart(op, &frame);
    for (int k = 0; k < op->streams; k++)
      if (is_array(op, k)) assert_values(op, k, &frame);
  }
  group_memory_close(&memory);
}

/* What an op changes lies where no other only reads: else logits would drift with somebody's params, and scalar code,
 * which branches, would take another time. */
static void what_is_changed_lies_where_nothing_is_only_read(void **unused) {
  (void)unused;
  struct group_memory memory;
  struct layout layout;
  const gm_op *op[] = {op_named("relu"), op_named("adamw"), op_named("grad_sumsq"), op_named("softmax_xent")};
  enum { OPS = sizeof op / sizeof *op };
  gm_frame frame[OPS];
  group_memory_open(&memory, &machine, &settings);
  for (int i = 0; i < OPS; i++) frame[i] = reference_frame(op[i], SET), group_memory_expect(&memory, op[i], &frame[i]);
  for (int i = 0; i < OPS; i++) assert_true(group_memory_take(&memory, op[i], &frame[i], 1, true, &layout));
  for (int a = 0; a < OPS; a++)
    for (int i = 0; i < op[a]->streams; i++)
      for (int b = 0; b < OPS; b++)
        for (int k = 0; k < op[b]->streams; k++)
          if (is_array(op[a], i) && is_array(op[b], k) && op[b]->stream[k].role != op[a]->stream[i].role)
            assert_apart(frame[a].stream[i], bytes_of(op[a], i, &frame[a]), frame[b].stream[k],
                         bytes_of(op[b], k, &frame[b]));
  group_memory_close(&memory);
}

/* A smaller group's canaries lie among a larger one's labels. */
static void labels_are_labels_again_after_a_proof(void **unused) {
  (void)unused;
  struct group_memory memory;
  const gm_op *op = op_named("softmax_xent");
  gm_frame small = reference_frame(op, SMALLER_SET), large = reference_frame(op, SET);
  struct layout layout;
  int labels = 0;
  group_memory_open(&memory, &machine, &settings);
  group_memory_expect(&memory, op, &large);
  assert_true(group_memory_take(&memory, op, &small, 1, true, &layout));
  group_memory_fill(&memory, 1, false);
  layout_watch(&layout);
  group_memory_fill(&memory, 1, false);
  assert_true(group_memory_take(&memory, op, &large, 1, true, &layout));
  for (int k = 0; k < op->streams; k++) {
    const int32_t *label = large.stream[k];
    if (values_of(&op->stream[k]) != VALUES_LABELS) continue;
    labels++;
    for (size_t i = 0; i < gm_stream_extent(op, k, &large); i++)
      assert_true(label[i] >= 0 && label[i] < (int32_t)large.size[op->sizes - 1]);
  }
  assert_int_equal(labels, 1);
  group_memory_close(&memory);
}

static void what_is_updated_is_filled_anew(void **unused) {
  (void)unused;
  struct group_memory memory;
  struct layout layout;
  const gm_op *op = op_named("adamw");
  gm_frame frame = reference_frame(op, SET);
  group_memory_open(&memory, &machine, &settings);
  group_memory_expect(&memory, op, &frame);
  assert_true(group_memory_take(&memory, op, &frame, 1, true, &layout));
  group_memory_fill(&memory, 2, false);
  for (int k = 0; k < op->streams; k++) memset(frame.stream[k], 0, bytes_of(op, k, &frame));
  group_memory_fill(&memory, 2, true);
  for (int k = 0; k < op->streams; k++)
    assert_int_equal(*(const float *)frame.stream[k] == 0, op->stream[k].role == GM_READ);
  group_memory_close(&memory);
}

static void small_groups_keep_their_memory(void **unused) {
  (void)unused;
  enum { GROUPS = 100, SMALL = 1 << 20 };
  struct group_memory memory;
  const gm_op *op = op_named("adamw");
  gm_frame frame[GROUPS];
  struct layout layout;
  group_memory_open(&memory, &machine, &settings);
  for (int i = 0; i < GROUPS; i++) {
    frame[i] = reference_frame(op, SMALL);
    assert_true(group_memory_take(&memory, op, &frame[i], 1, false, &layout));
    memset(frame[i].stream[0], i, bytes_of(op, 0, &frame[i]));
  }
  assert_true(memory.owns > 1 && memory.owns < GROUPS / 10); /* several in each arena */
  for (int i = 0; i < GROUPS; i++) {
    const char *first = frame[i].stream[0];
    assert_true(first[0] == (char)i && first[bytes_of(op, 0, &frame[i]) - 1] == (char)i);
    for (int k = 0; k < i; k++) assert_apart(first, SMALL / 4, frame[k].stream[3], SMALL / 4);
  }
  group_memory_close(&memory);
}

/* Streams of one call never begin at the same sets of a cache, nor at the same place of a page. */
static void streams_are_staggered_wherever_they_lie(void **unused) {
  (void)unused;
  const gm_op *op = op_named("adamw");
  for (int shared = 0; shared < 2; shared++) {
    struct group_memory memory;
    gm_frame frame = reference_frame(op, SET);
    struct layout layout;
    group_memory_open(&memory, &machine, &settings);
    group_memory_expect(&memory, op, &frame);
    assert_true(group_memory_take(&memory, op, &frame, 1, shared, &layout));
    for (int i = 0; i < op->streams; i++)
      for (int k = 0; k < i; k++) {
        const size_t distance = ((uintptr_t)frame.stream[i] - (uintptr_t)frame.stream[k]) % SPAN;
        assert_true(distance >= SPAN / 8 && distance <= SPAN - SPAN / 8 && distance % 4096 >= 64);
      }
    group_memory_close(&memory);
  }
}

static void a_byte_beside_a_stream_is_seen(void **unused) {
  (void)unused;
  const gm_op *op = op_named("sgd");
  struct group_memory memory;
  gm_frame frame = reference_frame(op, SET);
  struct layout layout;
  group_memory_open(&memory, &machine, &settings);
  group_memory_expect(&memory, op, &frame);
  assert_true(group_memory_take(&memory, op, &frame, 1, true, &layout));
  layout_watch(&layout);
  memset(frame.stream[1], 1, bytes_of(op, 1, &frame));
  assert_int_equal(layout_touched(&layout), LAYOUT_MOST_STREAMS);
  ((char *)frame.stream[1])[bytes_of(op, 1, &frame)] ^= 1;
  assert_int_equal(layout_touched(&layout), 1);
  group_memory_close(&memory);
}

static bool system_promises_anything(void) {
  FILE *file = fopen("/proc/sys/vm/overcommit_memory", "r");
  const bool anything = !file || fgetc(file) == '1';
  if (file) fclose(file);
  return anything;
}

static void more_than_there_is_is_refused(void **unused) {
  (void)unused;
  struct sysinfo system;
  struct arena arena;
  if (system_promises_anything()) skip();
  assert_int_equal(sysinfo(&system), 0);
  assert_false(arena_open(&arena, 2 * (system.totalram + system.totalswap) * system.mem_unit, 1, &settings));
  assert_true(arena_open(&arena, SET, 1, &settings));
  arena_close(&arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_shared_is_valid_for_every_op),
      cmocka_unit_test(what_is_changed_lies_where_nothing_is_only_read),
      cmocka_unit_test(labels_are_labels_again_after_a_proof),
      cmocka_unit_test(what_is_updated_is_filled_anew),
      cmocka_unit_test(small_groups_keep_their_memory),
      cmocka_unit_test(streams_are_staggered_wherever_they_lie),
      cmocka_unit_test(a_byte_beside_a_stream_is_seen),
      cmocka_unit_test(more_than_there_is_is_refused),
  };
  return cmocka_run_group_tests(tests, open_library, close_library);
}
