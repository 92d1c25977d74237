/* An activation function of every element: outputs = function(inputs). */
#ifndef GM_ACTIVATION_FORWARD_H
#define GM_ACTIVATION_FORWARD_H

#include "body.h"
#include "lane/math.h"

typedef v_f32 activation_forward(v_f32 inputs);

struct forward {
  const float *inputs;
  float *outputs;
};

GM_INLINE void forward_step(activation_forward *function, const void *opaque, size_t i, size_t count) {
  const struct forward j = *(const struct forward *)opaque;
  v_store(j.outputs + i, function(v_load(j.inputs + i, count)), count);
}

#endif
