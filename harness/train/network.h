/* A model laid out in memory, with the kernel calls that make one step of training, and those that only evaluate. */
#ifndef GRADMARK_NETWORK_H
#define GRADMARK_NETWORK_H

#include <stdbool.h>

#include "by_name.h"
#include "memory/arena.h"
#include "train/kernel_call.h"
#include "train/model.h"
#include "train/samples.h"

enum { NETWORK_MOST_CALLS = 64, NETWORK_MOST_STATES = GM_MAX_STREAMS };

/* What a step consists of beside the model. */
struct network_config {
  const gm_library *library;
  const char *isa;
  int threads;
  size_t batch;
  const char *optimizer; /* an elementwise op of the family optim */
  double clip, l1, l2;   /* 0: none. The penalties are on weights, not on biases */
  double proximal;       /* l1 by l1_proximal after the step, which makes weights 0; 0: none */
  double temperature;    /* above 0: half of the loss is the teacher's, at this temperature */
  bool masked;           /* pruned weights stay 0 */
  const struct arena_settings *arena;
};

struct network {
  const struct model *model;
  struct network_config config;
  struct arena arena;
  float *params, *grads;
  float *state[NETWORK_MOST_STATES]; /* of the optimizer, each model->trained floats, 0 at first */
  const char *state_name[NETWORK_MOST_STATES];
  int states;
  int8_t *mask; /* 1 where a parameter is trained; NULL unless `masked` */
  float *features, *target, *soft;
  int32_t *labels;
  float *outputs; /* of the last layer: batch x model_outputs */

  struct kernel_call call[NETWORK_MOST_CALLS];
  int calls;
  int loss_call, soft_loss_call, proximal_call, optimizer_call;
  double data_seconds; /* that bringing the batches together took */
};

/* Takes the memory, zeroes it, and checks every call. Complains and returns false. */
bool network_open(struct network *network, const struct model *model, const struct network_config *config);
void network_close(struct network *network);

/* All of the model's floats. */
void network_set_params(struct network *network, const float *params);

/* Brings the samples order[0 .. count-1] together as the next batch; count is at most config.batch. */
void network_load(struct network *network, const struct samples *samples, const uint32_t *order, size_t count);

/* The optimizer's hyperparameters for the next step. `lr` also scales the proximal threshold. */
void network_set_step(struct network *network, double lr, double step);

/* One step on the loaded batch of `count` samples; the loss without the penalties. False without memory. */
bool network_step(struct network *network, size_t count, double *loss);

/* Outputs and loss of the loaded batch, nothing else. */
bool network_evaluate(struct network *network, size_t count, double *loss);

#endif
