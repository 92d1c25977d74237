#include "measure/group.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "reference_shape.h"
#include "team.h"

bool group_bind(const struct machine *machine, int threads) {
  int bound = 0;
  if (threads == 1) return machine_bind(machine, 0);
#pragma omp parallel num_threads(threads) reduction(+ : bound)
  bound += machine_bind(machine, omp_get_thread_num());
  return bound == threads;
}

static void fill_frame(const gm_op *op, const gm_frame *frame, int threads, bool written_alone) {
#pragma omp parallel for num_threads(threads) schedule(static)
  for (int t = 0; t < threads; t++)
    for (int k = 0; k < op->streams; k++) {
      const gm_stream *stream = &op->stream[k];
      if (stream->role == GM_RESULT || (written_alone && stream->role == GM_READ)) continue;
      const size_t count = gm_stream_extent(op, k, frame);
      const size_t begin = count * (size_t)t / (size_t)threads, end = count * ((size_t)t + 1) / (size_t)threads;
      values_fill(stream->type, stream->domain != GM_ANY, frame->stream[k], begin, end, (uint32_t)k * 977 + 1,
                  frame->size[op->sizes - 1]);
    }
}

void group_restore(struct group *group) {
  fill_frame(gm_plain(group->op), &group->whole, group->threads, false);
  group->steps = 0;
}

void group_restore_written(struct group *group) {
  fill_frame(gm_plain(group->op), &group->whole, group->threads, true);
}

/* A list's tensors lie one behind the other within the streams of one long tensor. Their sizes are mixed as a network's
 * are: of every twenty, sixteen small, three a hundred times, one a thousand times as large. */
static bool cut_into_tensors(struct group *group, const gm_op *op, const gm_frame *whole) {
  const size_t count = REFERENCE_TENSORS, units_of_twenty = 16 * 1 + 3 * 100 + 1000;
  const double unit = (double)whole->size[0] / ((double)count / 20 * (double)units_of_twenty);
  group->tensors = calloc(count, sizeof *group->tensors);
  if (!group->tensors) return false;
  size_t at = 0;
  for (size_t i = 0; i < count; i++) {
    const size_t place = i % 20, weight = place < 16 ? 1 : place < 19 ? 100 : 1000;
    size_t length = (size_t)(unit * (double)weight);
    if (length == 0) length = 1;
    if (length > whole->size[0] - at || i + 1 == count) length = whole->size[0] - at;
    group->tensors[i] = *whole;
    group->tensors[i].size[0] = length;
    for (int k = 0; k < op->streams; k++)
      if (op->stream[k].role != GM_RESULT)
        group->tensors[i].stream[k] = (char *)whole->stream[k] + at * gm_type_bytes(op->stream[k].type);
    at += length;
  }
  /* What all tensors share, if the op has a result, stands where the whole has it. */
  group->frame = *whole;
  group->frame.size[0] = count;
  group->frame.stream[0] = group->tensors;
  return true;
}

bool group_open(struct group *group, const gm_op *op, double working_set, int threads, const struct machine *machine,
                struct group_memory *memory, bool shared) {
  *group = (struct group){.op = op, .threads = threads, .memory = memory, .shared = shared};
  gm_frame frame = reference_frame(op, working_set);
  group->working_set = reference_working_set(gm_plain(group->op), &frame);
  const bool first = shared && !memory->shared_open;
  if (!group_memory_take(memory, gm_plain(group->op), &frame, threads, shared, &group->layout)) return false;
  if (gm_has_result(gm_plain(group->op))) frame.stream[gm_plain(group->op)->streams - 1] = &group->result;
  group->frame = group->whole = frame;
  if (op->of && !cut_into_tensors(group, gm_plain(group->op), &frame)) {
    group_close(group);
    return false;
  }
  group->elements = (double)gm_elements(op, &group->frame);
  group->bytes = gm_bytes(op, &group->frame);
  group->bound = group_bind(machine, threads);
  if (first) group_memory_fill(memory, threads, false);
  if (!shared) fill_frame(gm_plain(group->op), &group->whole, threads, false);
  return true;
}

static void come_near(struct group *group) {
  struct group_memory *memory = group->memory;
  if (!group->shared || !memory->several_nodes || memory->touched_by == group) return;
  group_memory_drop_shared(memory);
  group_restore(group);
  memory->touched_by = group;
}

bool group_visit(struct group *group, const struct machine *machine) {
  group->bound = group_bind(machine, group->threads);
  come_near(group);
  return group->bound || team_given(group->threads) == group->threads;
}

bool group_copy(struct group *copy, const struct group *group, void *const stream[]) {
  const gm_op *op = gm_plain(group->op);
  *copy = *group;
  copy->tensors = NULL;
  for (int k = 0; k < op->streams; k++)
    copy->whole.stream[k] = op->stream[k].role == GM_RESULT ? (void *)&copy->result : stream[k];
  if (!group->op->of) {
    copy->frame = copy->whole;
    return true;
  }
  const size_t count = group->frame.size[0];
  copy->tensors = calloc(count, sizeof *copy->tensors);
  if (!copy->tensors) return false;
  for (size_t i = 0; i < count; i++) {
    copy->tensors[i] = group->tensors[i];
    for (int k = 0; k < op->streams; k++)
      copy->tensors[i].stream[k] =
          (char *)copy->whole.stream[k] + ((char *)group->tensors[i].stream[k] - (char *)group->whole.stream[k]);
  }
  copy->frame.stream[0] = copy->tensors;
  if (gm_has_result(op)) copy->frame.stream[op->streams - 1] = &copy->result;
  return true;
}

void group_close(struct group *group) {
  free(group->tensors);
  *group = (struct group){0};
}
