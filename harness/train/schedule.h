/* How the learning rate goes over a training. */
#ifndef GRADMARK_SCHEDULE_H
#define GRADMARK_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>

/* With t = steps done, E = steps of an epoch, T = steps of the whole training, and values that may be given behind a
 * colon, `step:every=2,factor=0.5`:
 *   constant                             lr
 *   inverse_time   rate=0.5              lr / (1 + rate t/E)
 *   step           every=3, factor=0.1   lr factor^floor(t/E / every)     torch.optim.lr_scheduler.StepLR
 *   exponential    factor=0.9            lr factor^floor(t/E)             torch.optim.lr_scheduler.ExponentialLR
 *   cosine         floor=0               lr (floor + (1 - floor) (1 + cos(pi t/T)) / 2)
 *                                        Loshchilov and Hutter 2017; CosineAnnealingLR, by steps and not by epochs
 *   warmup         share=0.1             lr (t + 1) / (share T) at most lr, then constant */
enum schedule_kind {
  SCHEDULE_CONSTANT,
  SCHEDULE_INVERSE_TIME,
  SCHEDULE_STEP,
  SCHEDULE_EXPONENTIAL,
  SCHEDULE_COSINE,
  SCHEDULE_WARMUP,
};

struct schedule {
  enum schedule_kind kind;
  double first, second; /* the values above, in their order */
};

/* Complains and returns false for a name or a value that is not as above. */
bool schedule_read(struct schedule *schedule, const char *text);

/* The learning rate of the step after `step` others; `lr` is the one given. */
double schedule_lr(const struct schedule *schedule, double lr, size_t step, size_t all_steps, size_t epoch_steps);

/* True if a step's learning rate depends on how many steps there will be. */
bool schedule_needs_end(const struct schedule *schedule);

#endif
