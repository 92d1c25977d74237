/* The normal distribution function, as PyTorch has it: (1 + erf(x / sqrt(2))) / 2. */
#ifndef GM_ACTIVATION_GELU_ERF_H
#define GM_ACTIVATION_GELU_ERF_H

#include "lane/math.h"

/* Twice the function. */
GM_INLINE v_f32 twice_normal(v_f32 x) { return v_add(v_set(1.0f), v_erf(v_mul(x, v_set(0x1.6a09e6p-1f)))); }

#endif
