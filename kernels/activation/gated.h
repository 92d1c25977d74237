/* Functions of the form y = x sigmoid(v(x)), and their gradients:
 *   dX = dY (s + (x s) ((1 - s) v'(x))),  s = sigmoid(v(x))
 * In this order no finite x makes a NaN: where v' is huge, 1 - s or x s is zero. */
#ifndef GM_ACTIVATION_GATED_H
#define GM_ACTIVATION_GATED_H

#include "lane/math.h"

GM_INLINE v_f32 gated(v_f32 x, v_f32 v) { return v_mul(x, v_sigmoid(v)); }

/* By s and its (1 - s) v'. */
GM_INLINE v_f32 gated_backward(v_f32 dy, v_f32 x, v_f32 s, v_f32 slope) {
  return v_mul(dy, v_fma(v_mul(x, s), slope, s));
}

#endif
