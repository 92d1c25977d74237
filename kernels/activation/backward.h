/* The gradient of an activation function: input_grads = output_grads derivative(known), where what is known is the
 * forward pass's inputs or its outputs. */
#ifndef GM_ACTIVATION_BACKWARD_H
#define GM_ACTIVATION_BACKWARD_H

#include "body.h"
#include "lane/math.h"

typedef v_f32 activation_backward(v_f32 output_grads, v_f32 known);

struct backward {
  const float *output_grads, *known;
  float *input_grads;
};

GM_INLINE void backward_step(activation_backward *function, const void *opaque, size_t i, size_t count) {
  const struct backward j = *(const struct backward *)opaque;
  const v_f32 input_grads = function(v_load(j.output_grads + i, count), v_load(j.known + i, count));
  v_store(j.input_grads + i, input_grads, count);
}

#endif
