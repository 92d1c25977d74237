/* The gradient of an activation function: input_grads = output_grads derivative(known), where what is known is the
 * forward pass's inputs or its outputs. */
#ifndef GM_ACTIVATION_BACKWARD_H
#define GM_ACTIVATION_BACKWARD_H

#include "body.h"
#include "lane/math.h"

typedef v_f32 activation_backward(v_f32 output_grads, v_f32 known);

/* Two vectors at a time, as in forward_loop. */
GM_INLINE void backward_loop(activation_backward *function, const float *output_grads, const float *known,
                             float *input_grads, size_t begin, size_t end) {
  size_t i = begin;
  for (; GM_TURN > 1 && end - i >= 2 * V_WIDTH; i += 2 * V_WIDTH) {
    const float *dy = output_grads + i, *x = known + i;
    float *dx = input_grads + i;
    const v_f32 dy0 = v_load(dy, V_WIDTH), x0 = v_load(x, V_WIDTH);
    const v_f32 dy1 = v_load(dy + V_WIDTH, V_WIDTH), x1 = v_load(x + V_WIDTH, V_WIDTH);
    const v_f32 dx0 = function(dy0, x0), dx1 = function(dy1, x1);
    v_store(dx, dx0, V_WIDTH);
    v_store(dx + V_WIDTH, dx1, V_WIDTH);
  }
  GM_INDEPENDENT
  for (; end - i >= V_WIDTH; i += V_WIDTH)
    v_store(input_grads + i, function(v_load(output_grads + i, V_WIDTH), v_load(known + i, V_WIDTH)), V_WIDTH);
  if (i < end)
    v_store(input_grads + i, function(v_load(output_grads + i, end - i), v_load(known + i, end - i)), end - i);
}

#endif
