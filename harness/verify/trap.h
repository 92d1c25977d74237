/* Calls an implementation so that a kernel which traps is a named failure, not the end of the program, and sees what
 * else it did to the process. */
#ifndef GRADMARK_TRAP_H
#define GRADMARK_TRAP_H

#include <stdbool.h>
#include <sys/types.h>

#include "by_name.h"

enum { TRAP_STACK = -1, TRAP_SCRATCH = -2 }; /* no signals: a SIGSEGV for want of stack, a size that no memory has */

struct trapped {
  int signal; /* 0, or what first stopped it on any thread: SIGSEGV, SIGILL, SIGALRM after 30 seconds, a TRAP_ */
  const char *altered; /* where it changed how a thread does floating-point arithmetic ("in its `run`"), or NULL */
  gm_status status;    /* of the call */
};

/* One at a time: the signal handlers are the process's. Where nothing can go on after a kernel, as it keeps a lock,
 * this does not come back either: the process ends, and the kernel is named (guardian_give_up). */
struct trapped trap_call(const gm_impl *impl, int threads, const gm_frame *frame);
/* The same with another limit than 30 seconds. */
struct trapped trap_call_within(const gm_impl *impl, int threads, const gm_frame *frame, unsigned seconds);

/* Whether the last of `threads` threads would have any of a frame's elements (rows, tiles). Where a body does not say
 * how many tiles there are, or says none, it has: its proof will say what is wrong with it. */
bool trap_has_work(const gm_impl *impl, int threads, const gm_frame *frame);

/* If not, `description` says what was wrong. */
enum { TRAP_SENTENCE = 160 };
bool trap_went_well(const struct trapped *trapped, char description[TRAP_SENTENCE]);

/* "an illegal instruction", "an access outside its arrays", ... */
const char *trap_description(int signal);

/* What of a process a kernel must leave as it is, beside memory: how floating-point arithmetic is done, which every
 * thread has for itself, and what is open. The usual arithmetic is rounding to nearest, subnormals kept, no traps: as a
 * process begins. */
bool state_arithmetic_is_usual(void);
void state_arithmetic_make_usual(void);

/* The lowest descriptors: standard input, output and error, and what this program has opened. */
enum { STATE_DESCRIPTORS = 64 };
struct state_descriptors {
  struct {
    int copy; /* below 0 where none was open */
    dev_t device;
    ino_t file;
  } of[STATE_DESCRIPTORS];
};
void state_remember(struct state_descriptors *descriptors);

/* The first that is no longer what it was, -1 if none; puts all back, and forgets. */
int state_put_back(struct state_descriptors *descriptors);

/* Does the processor leave alone the lanes that a mask leaves out, and what lies beyond a single float? Kernels of AVX2
 * go to the end of their arrays by that, and the manuals promise it; an emulator may access a whole vector
 * nevertheless, and so fault where an array ends at an inaccessible page. That is no fault of a kernel's.
 * Why an implementation of the library cannot be proved here, in one sentence without a full stop; NULL: it can. */
const char *masked_why_not(const gm_impl *impl);

/* Copies one float by a masked load and a masked store, and adds it up. */
typedef void masked_copy(const float *from, float *to);

#endif
