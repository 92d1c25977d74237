/* One kernel of a training step: what is called, on which memory, and what it has taken so far. */
#ifndef GRADMARK_KERNEL_CALL_H
#define GRADMARK_KERNEL_CALL_H

#include <stdbool.h>
#include <stddef.h>

#include "by_name.h"

enum { KERNEL_CALL_DESCRIPTION = 48 };

struct kernel_call {
  const gm_impl *impl;
  gm_frame frame;
  size_t per_sample; /* size[0] is this times the samples of the batch; 0: it does not depend on them */
  double result;     /* of an op that has one: what its last stream points at */
  char description[KERNEL_CALL_DESCRIPTION]; /* "784 -> 256, relu" */
  size_t calls;
  double seconds, elements; /* of all calls that were timed */
};

/* The implementation of an op for an ISA: its own; for a `_fast` ISA whose op has no fast one, the exact one of the
 * same lanes. Complains and returns NULL if the op does not run on that ISA here. */
const gm_impl *kernel_choose(const gm_library *library, const char *op, const char *isa);

/* Prepares a call of `op`. The frame is the caller's to fill in; kernel_call_check says whether it is right. */
bool kernel_call_make(struct kernel_call *call, const gm_library *library, const char *op, const char *isa);

/* Complains and returns false if the frame is not what the op asks for. */
bool kernel_call_check(const struct kernel_call *call);

/* Streams and hyperparameters by the names that they have in ops.def; the name must exist. */
void kernel_call_stream(struct kernel_call *call, const char *name, void *data);
void kernel_call_hyper(struct kernel_call *call, const char *name, double value);
/* The index of an op's hyperparameter; below 0 if there is none of that name. */
int kernel_hyper(const gm_op *op, const char *name);

/* Runs a checked call on `samples` samples; the first also counts it and its time. False only without memory. */
bool kernel_call_time(struct kernel_call *call, int threads, size_t samples);
bool kernel_call_run(struct kernel_call *call, int threads, size_t samples);

#endif
