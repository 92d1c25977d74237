#define GM_ROW "row/momentum.def"
#include "optim/decay.h"

enum { NEG_LR, MOMENTUM, ONE_MINUS_DAMPENING, WEIGHT_DECAY };
enum { FIRST = 2, NESTEROV = 4 }; /* of the ways, beside DECAYS */

static void prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  const gm_momentum_f32_args a = gm_momentum_f32_read(frame);
  coef[NEG_LR] = (float)-a.lr;
  coef[MOMENTUM] = (float)a.momentum;
  coef[ONE_MINUS_DAMPENING] = (float)(1 - a.dampening);
  coef[WEIGHT_DECAY] = (float)a.weight_decay;
}

/* The first step must not look at the buffer: nobody has written it yet, and NaN times zero is NaN. */
GM_INLINE void step(const gm_momentum_f32_args *a, const float *coef, unsigned way, size_t i, size_t count) {
  const v_f32 p = v_load(a->params + i, count);
  const v_f32 g = with_decay(v_load(a->grads + i, count), way, coef[WEIGHT_DECAY], p);
  v_f32 buffer = g;
  if (!(way & FIRST)) {
    const v_f32 added = v_mul(v_set(coef[ONE_MINUS_DAMPENING]), g);
    buffer = v_fma(v_set(coef[MOMENTUM]), v_load(a->momentum_buffer + i, count), added);
  }
  v_store(a->momentum_buffer + i, buffer, count);
  const v_f32 update = way & NESTEROV ? v_fma(v_set(coef[MOMENTUM]), buffer, g) : buffer;
  v_store(a->params + i, v_fma(v_set(coef[NEG_LR]), update, p), count);
}

GM_ELEMENTWISE_WAYS(momentum, f32, prepare, step, 8,
                    decays(coef[WEIGHT_DECAY]) | (a->step == 1 ? FIRST : 0) | (a->nesterov == 1 ? NESTEROV : 0));
