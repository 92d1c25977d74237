/* Coupled weight decay, g = grads + weight_decay params. A decay of 0 is left out, as in PyTorch: 0 times an infinite
 * parameter would be NaN, and so the state from then on. */
#ifndef GM_OPTIM_DECAY_H
#define GM_OPTIM_DECAY_H

#include "body.h"

/* `decays` is a constant in each of the two loops of lane_loop_either. */
GM_INLINE v_f32 with_decay(v_f32 g, bool decays, float weight_decay, v_f32 p) {
  return decays ? v_fma(v_set(weight_decay), p, g) : g;
}

#endif
