#include "machine/small_call.h"

#include <stdint.h>
#include <stdlib.h>

/* Whole turns of every loop, which have up to eight vectors of up to sixteen floats, as sums have 128 lanes. With
 * `length` rows grow longer, and matrices in the size that is summed over. */
enum { ELEMENTS = 256, TERMS = 512, ROWS = 2, SIDE = 32, GROWING_SIDE = 64, ALIGNMENT = 64 };

static void set_sizes(const gm_op *op, gm_frame *frame, size_t length) {
  switch (op->shape) {
    case GM_ELEMENTWISE: frame->size[0] = ELEMENTS * length; break;
    case GM_REDUCTION: frame->size[0] = TERMS * length; break;
    case GM_ROWWISE: frame->size[0] = ROWS, frame->size[1] = TERMS * length; break;
    case GM_MATRIX:
      for (int i = 0; i < op->sizes; i++) frame->size[i] = i == 1 ? GROWING_SIDE * length : SIDE;
      break;
    case GM_LIST: break;
  }
}

/* Ordinary values, different in each stream, so that nothing overflows, becomes zero or takes a branch of special
 * cases. Labels are 0. */
static void fill(const gm_op *op, int k, const gm_frame *frame) {
  const size_t count = gm_stream_extent(op, k, frame);
  for (size_t i = 0; i < count; i++) {
    if (op->stream[k].type == GM_TYPE_f32)
      ((float *)frame->stream[k])[i] = 0.5f + (float)((i + 3 * (size_t)k) % 8) / 16;
    if (op->stream[k].type == GM_TYPE_i8) ((int8_t *)frame->stream[k])[i] = (int8_t)(i % 2);
  }
}

bool small_call_open(struct small_call *call, const gm_op *op, size_t length) {
  *call = (struct small_call){.op = op->of ? op->of : op};
  op = call->op;
  for (int h = 0; h < op->hypers; h++) call->frame.hyper[h] = op->hyper[h].usual;
  set_sizes(op, &call->frame, length);
  for (int k = 0; k < op->streams; k++) {
    const size_t bytes = gm_stream_extent(op, k, &call->frame) * gm_type_bytes(op->stream[k].type);
    call->frame.stream[k] = aligned_alloc(ALIGNMENT, (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    if (!call->frame.stream[k]) {
      small_call_close(call);
      return false;
    }
    for (size_t i = 0; i < bytes; i++) ((char *)call->frame.stream[k])[i] = 0;
    fill(op, k, &call->frame);
  }
  return true;
}

void small_call_close(struct small_call *call) {
  for (int k = 0; k < GM_MAX_STREAMS; k++) free(call->frame.stream[k]);
  *call = (struct small_call){0};
}

double small_call_growth(const gm_op *op) {
  if (op->of) op = op->of;
  gm_frame one = {0}, two = {0};
  set_sizes(op, &one, 1);
  set_sizes(op, &two, 2);
  return (double)gm_elements(op, &two) - (double)gm_elements(op, &one);
}

bool small_call_run(const struct small_call *call, const gm_body *body) {
  const gm_impl impl = {.op = call->op, .body = body, .runnable = true};
  return gm_call_unchecked(&impl, 1, &call->frame) == GM_OK;
}
