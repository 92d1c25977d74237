/* Coupled weight decay, g = grads + weight_decay params. A decay of 0 is left out, as in PyTorch: 0 times an infinite
 * parameter would be NaN, and so the state from then on. */
#ifndef GM_OPTIM_DECAY_H
#define GM_OPTIM_DECAY_H

#include "body.h"

/* Of the ways of an op with weight decay: a bit. */
enum { DECAYS = 1 };

GM_INLINE v_f32 with_decay(v_f32 g, unsigned way, float weight_decay, v_f32 p) {
  return way & DECAYS ? v_fma(v_set(weight_decay), p, g) : g;
}

static inline unsigned decays(float weight_decay) { return weight_decay != 0 ? DECAYS : 0; }

#endif
