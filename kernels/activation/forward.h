/* An activation function of every element: outputs = function(inputs). */
#ifndef GM_ACTIVATION_FORWARD_H
#define GM_ACTIVATION_FORWARD_H

#include "body.h"
#include "lane/math.h"

typedef v_f32 activation_forward(v_f32 inputs);

/* Two vectors at a time: a function is a chain of operations each of which waits for the one before, and more chains do
 * not fit into the registers. Their loads come before their stores, which might otherwise be thought to change what is
 * loaded. */
GM_INLINE void forward_loop(activation_forward *function, const float *inputs, float *outputs, size_t begin,
                            size_t end) {
  size_t i = begin;
  for (; GM_TURN > 1 && end - i >= 2 * V_WIDTH; i += 2 * V_WIDTH) {
    const float *in = inputs + i;
    float *out = outputs + i;
    const v_f32 x0 = v_load(in, V_WIDTH), x1 = v_load(in + V_WIDTH, V_WIDTH);
    const v_f32 y0 = function(x0), y1 = function(x1);
    v_store(out, y0, V_WIDTH);
    v_store(out + V_WIDTH, y1, V_WIDTH);
  }
  GM_INDEPENDENT
  for (; end - i >= V_WIDTH; i += V_WIDTH) v_store(outputs + i, function(v_load(inputs + i, V_WIDTH)), V_WIDTH);
  if (i < end) v_store(outputs + i, function(v_load(inputs + i, end - i)), end - i);
}

#endif
