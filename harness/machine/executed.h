/* Which instructions a processor executes of a body, and how often: found by single-stepping through it. */
#ifndef GRADMARK_EXECUTED_H
#define GRADMARK_EXECUTED_H

#include "by_name.h"

/* A small call of any op, with memory of its own. Operations and instructions are counted in two of them that differ in
 * length, and subtracted, so that what is done once per call cancels. */
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

/* How often each address of the object that holds a body was executed, per vector of elements. */
struct executed {
  const char *file;           /* the object's; "" for the program itself */
  const unsigned char *base;  /* where it was loaded */
  const unsigned char *begin; /* of its instructions */
  size_t bytes;
  double *times; /* of each byte: where an instruction begins, how often */
};

/* Steps through two small calls of different length of a body of `op`, which is no list, and takes the difference, so
 * that what is done once per call cancels. `width` is in floats per vector. False where the processor or the system
 * cannot single-step, as under an emulator, and without memory. */
bool executed_open(struct executed *executed, const gm_op *op, const gm_body *body, int width);
void executed_close(struct executed *executed);

/* Per vector, without prefetches. An instruction that computes may also load from an array, and where it works under a
 * mask also choose. */
struct executed_sum {
  double instructions;
  double loads;        /* of these, do nothing else */
  double loads_inside; /* are in others */
  double inside;       /* choices and stores that are in others */
};
struct executed_sum executed_sum(const struct executed *executed);

/* All that was executed, counted as operations.h counts, for comparison: choices and stores inside other instructions
 * count as operations of their own. Loads inside others count only as far as the plain loads are fewer than the `loads`
 * that operations.h counts; an array that is read once more inside another instruction adds nothing. */
double executed_total(const struct executed *executed, double loads);

#endif
