/* (1 + tanh u) / 2 = sigmoid(2 u), which keeps the digits of small values; 2 u = x (A + B x^2) with A = 2 sqrt(2/pi)
 * and B = 0.044715 A. The square is kept from infinity: far beyond where the sigmoid is 0 or 1. */
#ifndef GM_ACTIVATION_GELU_TANH_H
#define GM_ACTIVATION_GELU_TANH_H

#include "activation/gated.h"

#define GELU_TANH_A 0x1.988454p+0f
#define GELU_TANH_B 0x1.2444f2p-4f
#define GELU_TANH_3B 0x1.b6676cp-3f

GM_INLINE v_f32 gelu_square(v_f32 x) { return v_min(v_set(0x1p64f), v_mul(x, x)); } /* a NaN passes */
GM_INLINE v_f32 gelu_exponent(v_f32 x, v_f32 square) {
  return v_mul(x, v_fma(v_set(GELU_TANH_B), square, v_set(GELU_TANH_A)));
}
GM_INLINE v_f32 gelu_slope(v_f32 square) { return v_fma(v_set(GELU_TANH_3B), square, v_set(GELU_TANH_A)); }

#endif
