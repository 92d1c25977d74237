/* What one training came to: everything that is told of it, after its network is gone. */
#ifndef GRADMARK_OUTCOME_H
#define GRADMARK_OUTCOME_H

#include "machine/placement.h"
#include "train/evaluation.h"
#include "train/limits.h"
#include "train/training.h"
#include "train/workload.h"

enum { OUTCOME_NAME = 128 };

struct hyper_value {
  const char *name;
  double value;
};

struct kernel_outcome {
  char name[GM_NAME_SIZE]; /* op/dtype/impl */
  char description[KERNEL_CALL_DESCRIPTION];
  size_t calls;
  double seconds, elements, flops_per_element;
  struct kernel_limit limit;
};

struct outcome {
  char name[OUTCOME_NAME]; /* mnist-adam/adam/avx512/t1 */
  char part[48], optimizer[48], isa[32];
  const char *schedule;       /* as it was given */
  const char *initialization; /* "he"; "trained": with the parameters of another training */
  int threads;
  char before[PLACEMENT_STATE], after[PLACEMENT_STATE]; /* where the threads were; "" of one, and where not known */
  bool fused;
  bool fast;              /* a kernel of it estimates what it divides by */
  const char *checkpoint; /* the file that holds it as it was after its last whole epoch; NULL if there is none */
  struct model model;
  struct training_settings settings;
  struct hyper_value hyper[GM_MAX_HYPERS]; /* all of the optimizer's but lr and step */
  int hypers;
  double l1, l2, clip, proximal;
  struct training_record record; /* owned */
  double kernel_share, data_share;
  uint64_t hash;
  size_t epochs_in_all;   /* with those of the training whose parameters it began with */
  float *params;          /* owned: the trained parameters */
  struct evaluation test; /* owned; without samples where there are no test data */
  struct kernel_outcome kernel[NETWORK_MOST_CALLS];
  int kernels;
};

/* Takes over the training's record; `limits` may be NULL. Complains and returns false without memory. */
bool outcome_take(struct outcome *outcome, struct training *training, const struct kernel_limit *limits);
void outcome_free(struct outcome *outcome);

#endif
