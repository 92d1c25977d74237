#include "run/cell.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "machine/placement.h"
#include "reference_shape.h"

bool cell_bind(const struct machine *machine, int threads) {
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

static const gm_op *plain(const struct cell *cell) { return cell->op->of ? cell->op->of : cell->op; }

void cell_restore(struct cell *cell) {
  fill_frame(plain(cell), &cell->whole, cell->threads, false);
  cell->steps = 0;
}

void cell_restore_written(struct cell *cell) { fill_frame(plain(cell), &cell->whole, cell->threads, true); }

/* A list's tensors lie one behind the other within the streams of one long tensor. Their sizes are mixed as a network's
 * are: of every twenty, sixteen small, three a hundred times, one a thousand times as large. */
static bool cut_into_tensors(struct cell *cell, const gm_op *op, const gm_frame *whole) {
  const size_t count = REFERENCE_TENSORS, units_of_twenty = 16 * 1 + 3 * 100 + 1000;
  const double unit = (double)whole->size[0] / ((double)count / 20 * (double)units_of_twenty);
  cell->tensors = calloc(count, sizeof *cell->tensors);
  if (!cell->tensors) return false;
  size_t at = 0;
  for (size_t i = 0; i < count; i++) {
    const size_t place = i % 20, weight = place < 16 ? 1 : place < 19 ? 100 : 1000;
    size_t length = (size_t)(unit * (double)weight);
    if (length == 0) length = 1;
    if (length > whole->size[0] - at || i + 1 == count) length = whole->size[0] - at;
    cell->tensors[i] = *whole;
    cell->tensors[i].size[0] = length;
    for (int k = 0; k < op->streams; k++)
      if (op->stream[k].role != GM_RESULT)
        cell->tensors[i].stream[k] = (char *)whole->stream[k] + at * gm_type_bytes(op->stream[k].type);
    at += length;
  }
  /* What all tensors share, if the op has a result, stands where the whole has it. */
  cell->frame = *whole;
  cell->frame.size[0] = count;
  cell->frame.stream[0] = cell->tensors;
  return true;
}

bool cell_open(struct cell *cell, const gm_op *op, double working_set, int threads, const struct machine *machine,
               struct cell_memory *memory, bool shared) {
  *cell = (struct cell){.op = op, .threads = threads, .memory = memory, .shared = shared};
  gm_frame frame = reference_frame(op, working_set);
  cell->working_set = reference_working_set(plain(cell), &frame);
  const bool first = shared && !memory->shared_open;
  if (!cell_memory_take(memory, plain(cell), &frame, threads, shared, &cell->layout)) return false;
  if (gm_has_result(plain(cell))) frame.stream[plain(cell)->streams - 1] = &cell->result;
  cell->frame = cell->whole = frame;
  if (op->of && !cut_into_tensors(cell, plain(cell), &frame)) {
    cell_close(cell);
    return false;
  }
  cell->elements = (double)gm_elements(op, &cell->frame);
  cell->bytes = gm_bytes(op, &cell->frame);
  cell->bound = cell_bind(machine, threads);
  if (first) cell_memory_fill(memory, threads, false);
  if (!shared) fill_frame(plain(cell), &cell->whole, threads, false);
  return true;
}

static void come_near(struct cell *cell) {
  struct cell_memory *memory = cell->memory;
  if (!cell->shared || !memory->several_nodes || memory->touched_by == cell) return;
  cell_memory_drop_shared(memory);
  cell_restore(cell);
  memory->touched_by = cell;
}

bool cell_visit(struct cell *cell, const struct machine *machine) {
  cell->bound = cell_bind(machine, cell->threads);
  come_near(cell);
  return cell->bound || placement_team(cell->threads) == cell->threads;
}

bool cell_copy(struct cell *copy, const struct cell *cell, void *const stream[]) {
  const gm_op *op = plain(cell);
  *copy = *cell;
  copy->tensors = NULL;
  for (int k = 0; k < op->streams; k++)
    copy->whole.stream[k] = op->stream[k].role == GM_RESULT ? (void *)&copy->result : stream[k];
  if (!cell->op->of) {
    copy->frame = copy->whole;
    return true;
  }
  const size_t count = cell->frame.size[0];
  copy->tensors = calloc(count, sizeof *copy->tensors);
  if (!copy->tensors) return false;
  for (size_t i = 0; i < count; i++) {
    copy->tensors[i] = cell->tensors[i];
    for (int k = 0; k < op->streams; k++)
      copy->tensors[i].stream[k] =
          (char *)copy->whole.stream[k] + ((char *)cell->tensors[i].stream[k] - (char *)cell->whole.stream[k]);
  }
  copy->frame.stream[0] = copy->tensors;
  if (gm_has_result(op)) copy->frame.stream[op->streams - 1] = &copy->result;
  return true;
}

void cell_close(struct cell *cell) {
  free(cell->tensors);
  *cell = (struct cell){0};
}
