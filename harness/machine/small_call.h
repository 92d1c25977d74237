/* A small call of any op, with memory of its own. Operations and instructions are counted in two of them that differ in
 * length, and subtracted, so that what is done once per call cancels. */
#ifndef GRADMARK_SMALL_CALL_H
#define GRADMARK_SMALL_CALL_H

#include "by_name.h"

struct small_call {
  const gm_op *op; /* of a list, the op that it applies to its members */
  gm_frame frame;
};

/* `length` is 1 or 2, in whole turns of every loop. False without memory. */
bool small_call_open(struct small_call *call, const gm_op *op, size_t length);
void small_call_close(struct small_call *call);

/* Elements of a call of length 2 beyond those of one of length 1. */
double small_call_growth(const gm_op *op);

/* Runs one step on this thread with a body of the op; false without memory for its scratch space. */
bool small_call_run(const struct small_call *call, const gm_body *body);

#endif
