#include "run/cell.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "reference_shape.h"

bool cell_bind(const struct machine *machine, int threads) {
  int bound = 0;
  if (threads == 1) return machine_bind(machine, 0);
#pragma omp parallel num_threads(threads) reduction(+ : bound)
  bound += machine_bind(machine, omp_get_thread_num());
  return bound == threads;
}

/* Never zero, never near an over- or underflow however many steps follow: magnitudes of 1/2 .. 1, signs mixed. */
static void fill_floats(float *x, size_t begin, size_t end, uint32_t salt, bool nonnegative) {
  for (size_t i = begin; i < end; i++) {
    uint32_t h = ((uint32_t)i + salt) * 2654435761U;
    h ^= h >> 15;
    const uint32_t sign = nonnegative ? 0 : h & 0x80000000U, bits = 0x3f000000U | (h & 0x7fffffU) | sign;
    memcpy(&x[i], &bits, sizeof bits);
  }
}

/* Three in four are not zero: a mask of them keeps as many. */
static void fill_bytes(int8_t *x, size_t begin, size_t end) {
  for (size_t i = begin; i < end; i++) x[i] = i % 4 ? (int8_t)(i * 7919 % 127 + 1) : 0;
}

static void fill_labels(int32_t *label, size_t begin, size_t end, size_t classes) {
  for (size_t i = begin; i < end; i++) label[i] = (int32_t)(i * 7919 % classes);
}

static void fill_frame(const gm_op *op, const gm_frame *frame, int threads, bool written_alone) {
#pragma omp parallel for num_threads(threads) schedule(static)
  for (int t = 0; t < threads; t++)
    for (int k = 0; k < op->streams; k++) {
      const gm_stream *stream = &op->stream[k];
      if (written_alone && stream->role == GM_READ) continue;
      const size_t count = gm_stream_extent(op, k, frame);
      const size_t begin = count * (size_t)t / (size_t)threads, end = count * ((size_t)t + 1) / (size_t)threads;
      if (stream->type == GM_TYPE_f32)
        fill_floats(frame->stream[k], begin, end, (uint32_t)k * 977 + 1, stream->domain != GM_ANY);
      else if (stream->type == GM_TYPE_i8)
        fill_bytes(frame->stream[k], begin, end);
      else if (stream->type == GM_TYPE_i32)
        fill_labels(frame->stream[k], begin, end, frame->size[op->sizes - 1]);
    }
}

static const gm_op *plain(const struct cell *cell) { return cell->op->of ? cell->op->of : cell->op; }

void cell_restore(struct cell *cell) {
  fill_frame(plain(cell), &cell->whole, cell->threads, false);
  cell->steps = 0;
}

void cell_restore_written(struct cell *cell) { fill_frame(plain(cell), &cell->whole, cell->threads, true); }

/* Streams of one long tensor, taken from the arena. */
static void take_streams(struct cell *cell, const gm_op *op, gm_frame *frame) {
  for (int k = 0; k < op->streams; k++)
    frame->stream[k] =
        op->stream[k].role == GM_RESULT
            ? (void *)&cell->result
            : arena_take(&cell->arena, gm_stream_extent(op, k, frame) * gm_type_bytes(op->stream[k].type));
}

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
               const struct arena_settings *settings) {
  *cell = (struct cell){.op = op, .threads = threads};
  const gm_op *plain = op->of ? op->of : op;
  gm_frame frame = reference_frame(op, working_set);
  cell->working_set = reference_working_set(plain, &frame);
  if (!arena_open(&cell->arena, (size_t)cell->working_set, (size_t)plain->streams, settings)) return false;
  take_streams(cell, plain, &frame);
  cell->frame = cell->whole = frame;
  if (op->of && !cut_into_tensors(cell, plain, &frame)) {
    cell_close(cell);
    return false;
  }
  cell->elements = (double)gm_elements(op, &cell->frame);
  cell->bytes = gm_bytes(op, &cell->frame);
  cell->bound = cell_bind(machine, threads);
  fill_frame(plain, &frame, threads, false);
  arena_watch(&cell->arena);
  return true;
}

bool cell_copy(struct cell *copy, const struct cell *cell, void *const stream[]) {
  const gm_op *op = plain(cell);
  *copy = *cell;
  copy->arena = (struct arena){0};
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
  if (op->stream[op->streams - 1].role == GM_RESULT) copy->frame.stream[op->streams - 1] = &copy->result;
  return true;
}

void cell_close(struct cell *cell) {
  arena_close(&cell->arena);
  free(cell->tensors);
  cell->tensors = NULL;
}
