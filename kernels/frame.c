/* What a frame amounts to, and whether it may be run. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "by_name.h"
#include "internal.h"

gm_status gm_fail(gm_error *error, gm_status status, const char *format, ...) {
  if (error) {
    error->status = status;
    va_list args;
    va_start(args, format);
    vsnprintf(error->message, sizeof error->message, format, args);
    va_end(args);
  }
  return status;
}

size_t gm_type_bytes(gm_type type) {
  static const size_t bytes[] = {[GM_TYPE_f32] = 4, [GM_TYPE_f64] = 8, [GM_TYPE_i32] = 4, [GM_TYPE_i8] = 1};
  return bytes[type];
}

static size_t size_of(const gm_frame *frame, int index) { return index < GM_MAX_SIZES ? frame->size[index] : 1; }

size_t gm_product(const gm_frame *frame, const int *index, int count) {
  size_t result = 1;
  for (int i = 0; i < count; i++)
    if (__builtin_mul_overflow(result, size_of(frame, index[i]), &result)) return SIZE_MAX;
  return result;
}

size_t gm_stream_extent(const gm_op *op, int stream, const gm_frame *frame) {
  return gm_product(frame, op->stream[stream].extent, 2);
}

/* An array of more frames is beyond what memory can hold, and none of it is looked at. */
#define MOST_TENSORS (SIZE_MAX / 16 / sizeof(gm_frame))

static const gm_frame *tensors_of(const gm_frame *list) { return list->stream[0]; }

size_t gm_elements(const gm_op *op, const gm_frame *frame) {
  if (op->shape != GM_LIST) return gm_product(frame, op->element, GM_MAX_SIZES);
  if (frame->size[0] > MOST_TENSORS) return SIZE_MAX;
  size_t sum = 0;
  for (size_t i = 0; i < frame->size[0]; i++)
    if (__builtin_add_overflow(sum, gm_elements(op->of, &tensors_of(frame)[i]), &sum)) return SIZE_MAX;
  return sum;
}

double gm_bytes(const gm_op *op, const gm_frame *frame) {
  double sum = 0;
  if (op->shape == GM_LIST) {
    if (frame->size[0] > MOST_TENSORS) return INFINITY;
    for (size_t i = 0; i < frame->size[0]; i++) sum += gm_bytes(op->of, &tensors_of(frame)[i]);
    return sum;
  }
  for (int k = 0; k < op->streams; k++) {
    static const double passes[] = {[GM_READ] = 1, [GM_UPDATE] = 2, [GM_WRITE] = 2, [GM_RESULT] = 0};
    const gm_stream *stream = &op->stream[k];
    const bool again = op->second_pass && (stream->role == GM_READ || stream->role == GM_UPDATE);
    sum +=
        (passes[stream->role] + again) * (double)gm_type_bytes(stream->type) * (double)gm_stream_extent(op, k, frame);
  }
  return sum;
}

static gm_status check_sizes(const gm_op *op, const gm_frame *frame, gm_error *error) {
  for (int k = 0; k < op->streams; k++) {
    const size_t extent = gm_stream_extent(op, k, frame);
    if (extent > SIZE_MAX / 16)
      return gm_fail(error, GM_BAD_SIZE, "%s: %s would have more elements than memory can hold", op->name,
                     op->stream[k].name);
  }
  const bool may_be_empty = op->shape == GM_ELEMENTWISE || op->shape == GM_REDUCTION;
  for (int i = 0; i < op->sizes; i++)
    if (frame->size[i] == 0 && !may_be_empty)
      return gm_fail(error, GM_BAD_SIZE, "%s: %s is 0", op->name, op->size_name[i]);
  if (op->mean_over[0] < GM_MAX_SIZES && gm_product(frame, op->mean_over, 2) == 0)
    return gm_fail(error, GM_BAD_SIZE, "%s: the mean over 0 elements does not exist", op->name);
  if (gm_product(frame, op->element, GM_MAX_SIZES) == SIZE_MAX)
    return gm_fail(error, GM_BAD_SIZE, "%s: the sizes' product is beyond what memory can hold", op->name);
  return GM_OK;
}

/* A range whose end is the last number below a round one is that of a user's "below". */
static gm_status refuse_hyper(const gm_op *op, const gm_hyper *hyper, double value, gm_error *error) {
  const double beyond = nextafter(hyper->high, INFINITY);
  if (hyper->high != floor(hyper->high) && beyond == floor(beyond))
    return gm_fail(error, GM_BAD_HYPER, "%s: %s is %.16g; it must be at least %g and below %g", op->name, hyper->name,
                   value, hyper->low, beyond);
  return gm_fail(error, GM_BAD_HYPER, "%s: %s is %.16g; it must be between %g and %g", op->name, hyper->name, value,
                 hyper->low, hyper->high);
}

static gm_status check_hypers(const gm_op *op, const gm_frame *frame, gm_error *error) {
  for (int i = 0; i < op->hypers; i++) {
    const gm_hyper *hyper = &op->hyper[i];
    const double value = frame->hyper[i];
    if (!(value >= hyper->low && value <= hyper->high)) return refuse_hyper(op, hyper, value, error);
    if (hyper->whole && value != floor(value))
      return gm_fail(error, GM_BAD_HYPER, "%s: %s is %g; it must be a whole number", op->name, hyper->name, value);
  }
  return GM_OK;
}

static gm_status check_streams(const gm_op *op, const gm_frame *frame, gm_error *error) {
  for (int k = 0; k < op->streams; k++) {
    const uintptr_t at = (uintptr_t)frame->stream[k];
    const size_t bytes = gm_stream_bytes(op, k, frame);
    if (bytes == 0) continue;
    if (at == 0) return gm_fail(error, GM_BAD_STREAM, "%s: %s is null", op->name, op->stream[k].name);
    if (at % gm_type_bytes(op->stream[k].type))
      return gm_fail(error, GM_BAD_STREAM, "%s: %s is not aligned to its element type", op->name, op->stream[k].name);
    if (at > UINTPTR_MAX - bytes)
      return gm_fail(error, GM_BAD_STREAM, "%s: %s runs past the end of memory", op->name, op->stream[k].name);
    for (int other = 0; other < k; other++) {
      const uintptr_t start = (uintptr_t)frame->stream[other];
      const size_t length = gm_stream_bytes(op, other, frame);
      if (length && at < start + length && start < at + bytes)
        return gm_fail(error, GM_BAD_STREAM, "%s: %s and %s overlap", op->name, op->stream[other].name,
                       op->stream[k].name);
    }
  }
  return GM_OK;
}

/* Streams of i32 are labels of the last size's range: softmax_xent's are 0 .. cols-1. */
static gm_status check_labels(const gm_op *op, const gm_frame *frame, gm_error *error) {
  const size_t classes = frame->size[op->sizes - 1];
  for (int k = 0; k < op->streams; k++) {
    if (op->stream[k].type != GM_TYPE_i32) continue;
    const int32_t *label = frame->stream[k];
    const size_t count = gm_stream_extent(op, k, frame);
    for (size_t i = 0; i < count; i++)
      if (label[i] < 0 || (size_t)label[i] >= classes)
        return gm_fail(error, GM_BAD_SIZE, "%s: %s[%zu] is %d, outside 0 .. %zu", op->name, op->stream[k].name, i,
                       label[i], classes - 1);
  }
  return GM_OK;
}

/* One stream of one tensor of a list, in bytes. */
struct span {
  uintptr_t begin, end;
  size_t tensor;
  int stream;
};

static int by_begin(const void *a, const void *b) {
  const struct span *x = a, *y = b;
  return (x->begin > y->begin) - (x->begin < y->begin);
}

/* Of tensors that are right on their own: do streams of different tensors overlap, or one and the list itself? */
static gm_status check_tensors_apart(const gm_op *op, const gm_frame *frame, gm_error *error) {
  const uintptr_t list_begin = (uintptr_t)frame->stream[0], list_end = list_begin + frame->size[0] * sizeof *frame;
  struct span *spans = calloc(frame->size[0] + 1, (size_t)op->of->streams * sizeof *spans);
  if (!spans) return gm_fail(error, GM_NO_MEMORY, "%s: no memory to check the tensors", op->name);
  size_t count = 0;
  for (size_t i = 0; i < frame->size[0]; i++)
    for (int k = 0; k < op->of->streams; k++) {
      const gm_frame *tensor = &tensors_of(frame)[i];
      const uintptr_t begin = (uintptr_t)tensor->stream[k];
      const size_t bytes = op->stream[k].role == GM_RESULT ? 0 : gm_stream_bytes(op->of, k, tensor);
      if (bytes) spans[count++] = (struct span){begin, begin + bytes, i, k};
    }
  qsort(spans, count, sizeof *spans, by_begin);
  gm_status status = GM_OK;
  for (size_t i = 0; i < count && status == GM_OK; i++) {
    const struct span *b = &spans[i], *a = i ? b - 1 : b;
    if (b->begin < list_end && list_begin < b->end)
      status = gm_fail(error, GM_BAD_STREAM, "%s: %s of tensor %zu overlaps the list", op->name,
                       op->stream[b->stream].name, b->tensor);
    else if (i && b->begin < a->end)
      status = gm_fail(error, GM_BAD_STREAM, "%s: %s of tensor %zu and %s of tensor %zu overlap", op->name,
                       op->stream[a->stream].name, a->tensor, op->stream[b->stream].name, b->tensor);
  }
  free(spans);
  return status;
}

gm_frame gm_list_tensor(const gm_op *op, const gm_frame *list, size_t index) {
  gm_frame tensor = tensors_of(list)[index];
  if (!gm_has_result(op)) return tensor;
  tensor.stream[op->streams - 1] = list->stream[op->streams - 1];
  memcpy(tensor.hyper, list->hyper, sizeof tensor.hyper);
  return tensor;
}

gm_frame gm_list_common(const gm_op *op, const gm_frame *list, size_t elements) {
  gm_frame common = {.size = {elements}};
  common.stream[op->streams - 1] = list->stream[op->streams - 1];
  memcpy(common.hyper, list->hyper, sizeof common.hyper);
  return common;
}

static gm_status check_common(const gm_op *op, const gm_frame *list, gm_error *error) {
  if (!gm_has_result(op)) return GM_OK;
  const gm_frame common = gm_list_common(op, list, 0);
  gm_status status = check_hypers(op, &common, error);
  if (status == GM_OK) status = check_streams(op, &common, error);
  if (status != GM_OK) return status;
  const uintptr_t at = (uintptr_t)common.stream[op->streams - 1], tensors = (uintptr_t)list->stream[0];
  if (at >= tensors && at - tensors < list->size[0] * sizeof *list)
    return gm_fail(error, GM_BAD_STREAM, "%s: %s lies within the list", op->name, op->stream[op->streams - 1].name);
  return GM_OK;
}

/* The array of frames, before one of them is looked at. */
static gm_status check_array(const gm_op *op, const gm_frame *frame, gm_error *error) {
  const uintptr_t at = (uintptr_t)frame->stream[0];
  if (frame->size[0] > MOST_TENSORS)
    return gm_fail(error, GM_BAD_SIZE, "%s: %zu tensors are more than memory can hold", op->name, frame->size[0]);
  if (frame->size[0] && !at) return gm_fail(error, GM_BAD_STREAM, "%s: the list is null", op->name);
  if (at % _Alignof(gm_frame))
    return gm_fail(error, GM_BAD_STREAM, "%s: the list is not aligned to its frames", op->name);
  if (at > UINTPTR_MAX - frame->size[0] * sizeof *frame)
    return gm_fail(error, GM_BAD_STREAM, "%s: the list runs past the end of memory", op->name);
  return GM_OK;
}

static gm_status check_list(const gm_op *op, const gm_frame *frame, gm_error *error) {
  gm_status status = check_array(op, frame, error);
  if (status == GM_OK) status = check_common(op, frame, error);
  if (status != GM_OK) return status;
  size_t total = 0;
  for (size_t i = 0; i < frame->size[0]; i++) {
    gm_error inner;
    const gm_frame tensor = gm_list_tensor(op, frame, i);
    status = gm_check(op->of, &tensor, &inner);
    if (status != GM_OK) return gm_fail(error, status, "%s: tensor %zu: %.150s", op->name, i, inner.message);
    if (__builtin_add_overflow(total, tensor.size[0], &total) || total > SIZE_MAX / 16)
      return gm_fail(error, GM_BAD_SIZE, "%s: the tensors have more elements than memory can hold", op->name);
  }
  return check_tensors_apart(op, frame, error);
}

gm_status gm_check(const gm_op *op, const gm_frame *frame, gm_error *error) {
  if (!op) return gm_fail(error, GM_UNKNOWN_NAME, "no op was given");
  if (!frame) return gm_fail(error, GM_BAD_STREAM, "%s: the frame is null", op->name);
  if (op->shape == GM_LIST) return check_list(op, frame, error);
  gm_status status = check_sizes(op, frame, error);
  if (status == GM_OK) status = check_hypers(op, frame, error);
  if (status == GM_OK) status = check_streams(op, frame, error);
  if (status == GM_OK) status = check_labels(op, frame, error);
  return status;
}
