/* Calls an implementation so that a kernel which traps is a named failure, not the end of the program. */
#ifndef GRADMARK_TRAP_H
#define GRADMARK_TRAP_H

#include <stdbool.h>

#include "by_name.h"

struct trapped {
  int signal; /* 0, or what stopped the kernel on any of its threads: SIGSEGV, SIGILL, SIGALRM after 30 seconds */
  const char *altered; /* where it changed how a thread does floating-point arithmetic ("in its `run`"), or NULL */
  gm_status status;    /* of the call */
};

/* One at a time: the signal handlers are the process's. */
struct trapped trap_call(const gm_impl *impl, int threads, const gm_frame *frame);
/* With another patience than 30 seconds. */
struct trapped trap_call_within(const gm_impl *impl, int threads, const gm_frame *frame, unsigned seconds);

/* If not, `words` says what was wrong. */
enum { TRAP_SENTENCE = 160 };
bool trap_went_well(const struct trapped *trapped, char words[TRAP_SENTENCE]);

/* "an illegal instruction", "an access outside its arrays", ... */
const char *trap_words(int signal);

#endif
