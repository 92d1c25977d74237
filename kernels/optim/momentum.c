#define GM_ROW "row/momentum.def"
#include "optim/decay.h"

enum { NEG_LR, MOMENTUM, ONE_MINUS_DAMPENING, WEIGHT_DECAY };

static void prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  const gm_momentum_f32_args a = gm_momentum_f32_read(frame);
  coef[NEG_LR] = (float)-a.lr;
  coef[MOMENTUM] = (float)a.momentum;
  coef[ONE_MINUS_DAMPENING] = (float)(1 - a.dampening);
  coef[WEIGHT_DECAY] = (float)a.weight_decay;
}

struct job {
  float *params, *momentum_buffer;
  const float *grads;
  float neg_lr, momentum, one_minus_dampening, weight_decay;
  bool decays;
};

/* The first step must not look at the buffer: nobody has written it yet, and NaN times zero is NaN. */
GM_INLINE void momentum_step(const void *opaque, bool first, bool nesterov, size_t i, size_t count) {
  const struct job j = *(const struct job *)opaque;
  const v_f32 p = v_load(j.params + i, count);
  const v_f32 g = with_decay(v_load(j.grads + i, count), j.decays, j.weight_decay, p);
  v_f32 buffer = g;
  if (!first) {
    const v_f32 added = v_mul(v_set(j.one_minus_dampening), g);
    buffer = v_fma(v_set(j.momentum), v_load(j.momentum_buffer + i, count), added);
  }
  v_store(j.momentum_buffer + i, buffer, count);
  const v_f32 update = nesterov ? v_fma(v_set(j.momentum), buffer, g) : buffer;
  v_store(j.params + i, v_fma(v_set(j.neg_lr), update, p), count);
}

GM_INLINE void first(const void *job, size_t i, size_t count) { momentum_step(job, true, false, i, count); }
GM_INLINE void first_nesterov(const void *job, size_t i, size_t count) { momentum_step(job, true, true, i, count); }
GM_INLINE void later(const void *job, size_t i, size_t count) { momentum_step(job, false, false, i, count); }
GM_INLINE void later_nesterov(const void *job, size_t i, size_t count) { momentum_step(job, false, true, i, count); }

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)scratch;
  const gm_momentum_f32_args a = gm_momentum_f32_read(frame);
  struct job job = {
      .params = a.params,
      .momentum_buffer = a.momentum_buffer,
      .grads = a.grads,
      .neg_lr = coef[NEG_LR],
      .momentum = coef[MOMENTUM],
      .one_minus_dampening = coef[ONE_MINUS_DAMPENING],
      .weight_decay = coef[WEIGHT_DECAY],
      .decays = coef[WEIGHT_DECAY] != 0,
  };
  const bool is_first = a.step == 1, nesterov = a.nesterov == 1;
  if (is_first && nesterov)
    lane_loop_either(first_nesterov, &job, &job.decays, begin, end);
  else if (is_first)
    lane_loop_either(first, &job, &job.decays, begin, end);
  else if (nesterov)
    lane_loop_either(later_nesterov, &job, &job.decays, begin, end);
  else
    lane_loop_either(later, &job, &job.decays, begin, end);
  return 0;
}

GM_BODY(momentum, f32) = {.prepare = prepare, .run = run};
