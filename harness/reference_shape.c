#include "reference_shape.h"

#include <math.h>

double reference_working_set(const gm_op *op, const gm_frame *frame) {
  double sum = 0;
  for (int k = 0; k < op->streams; k++)
    sum += (double)gm_stream_extent(op, k, frame) * (double)gm_type_bytes(op->stream[k].type);
  return sum;
}

static void set_sizes(const gm_op *op, gm_frame *frame, size_t side) {
  for (int i = 0; i < op->sizes; i++) frame->size[i] = side;
  if (op->shape == GM_ROWWISE) frame->size[1] = REFERENCE_CLASSES;
}

gm_frame reference_frame(const gm_op *op, double working_set) {
  if (op->of) op = op->of;
  gm_frame frame = {0};
  for (int h = 0; h < op->hypers; h++) frame.hyper[h] = op->hyper[h].usual;
  set_sizes(op, &frame, 1024);
  const double measured = reference_working_set(op, &frame);
  const double factor = op->shape == GM_MATRIX ? sqrt(working_set / measured) : working_set / measured;
  double side = floor(1024 * factor);
  /* Whole lines, so that every thread's part is as long as every other's. */
  const double whole = op->shape == GM_ELEMENTWISE || op->shape == GM_REDUCTION ? 64 : op->shape == GM_MATRIX ? 8 : 2;
  if (side > whole) side = floor(side / whole) * whole;
  set_sizes(op, &frame, side < 1 ? 1 : (size_t)side);
  return frame;
}

double reference_bytes_per_element(const gm_op *op) {
  const gm_op *plain = gm_plain(op);
  const gm_frame frame = reference_frame(plain, 1 << 20);
  return gm_bytes(plain, &frame) / (double)gm_elements(plain, &frame);
}
