/* Calls an implementation so that a kernel which traps is a named failure, not the end of the program. */
#ifndef GRADMARK_TRAP_H
#define GRADMARK_TRAP_H

#include <stdbool.h>

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
/* With another patience than 30 seconds. */
struct trapped trap_call_within(const gm_impl *impl, int threads, const gm_frame *frame, unsigned seconds);

/* Whether the last of `threads` threads would have any of a frame's elements (rows, tiles). Where a body does not say
 * how many tiles there are, or says none, it has: its proof will say what is wrong with it. */
bool trap_has_work(const gm_impl *impl, int threads, const gm_frame *frame);

/* Runs a trial of the processor on this thread: 0, or the signal that stopped it. */
int trap_probe(void (*trial)(void *argument), void *argument);

/* If not, `description` says what was wrong. */
enum { TRAP_SENTENCE = 160 };
bool trap_went_well(const struct trapped *trapped, char description[TRAP_SENTENCE]);

/* "an illegal instruction", "an access outside its arrays", ... */
const char *trap_description(int signal);

#endif
