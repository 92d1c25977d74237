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
  const char *part, *isa;
  struct training_spec spec;
  const char *initialization; /* "he"; "trained": with the parameters of another training */
  int threads;
  char before[PLACEMENT_STATE], after[PLACEMENT_STATE]; /* where the threads were; "" of one, and where not known */
  bool fused;
  bool fast;              /* a kernel of it estimates what it divides by */
  const char *checkpoint; /* the file that holds it as it was after its last whole epoch; NULL if there is none */
  struct model model;
  struct hyper_value hyper[GM_MAX_HYPERS]; /* all of the optimizer's but lr and step */
  int hypers;
  struct training_record record; /* owned */
  double kernel_share, data_share;
  uint64_t hash;
  size_t epochs_in_all;   /* with those of the training whose parameters it began with */
  float *params;          /* owned: the trained parameters */
  struct evaluation test; /* owned; without samples where there are no test data */
  struct kernel_outcome kernel[NETWORK_MOST_CALLS];
  int kernels;
};

/* ---- which trainings end in the same bits: all with fused multiply-adds, on any number of threads ---------------- */

/* What a training is beside the ISA and the threads that it ran on: trainings of one kind must end alike. True of
 * two outcomes of one kind. */
bool reproducibility_kind(const struct outcome *a, const struct outcome *b);

/* Of the outcomes of first's kind, the one whose bits the others are held against: the first fused and exact one, or
 * else the first. */
const struct outcome *reproducibility_reference(const struct outcome *outcomes, size_t count,
                                                const struct outcome *first);

/* Why an outcome may have ended in other bits than the reference; NULL if it must not have. */
const char *reproducibility_excuse(const struct outcome *outcome, const struct outcome *reference);

/* True of the first of several outcomes of one kind. */
bool reproducibility_begins(const struct outcome *outcomes, size_t count, size_t index);

/* The first outcome that ended in other bits than it must; NULL if there is none. */
const struct outcome *reproducibility_fault(const struct outcome *outcomes, size_t count);

#endif
