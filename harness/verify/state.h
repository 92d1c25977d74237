/* What of a process a kernel must leave as it is, beside memory: how floating-point arithmetic is done, which every
 * thread has for itself, and what is open. */
#ifndef GRADMARK_STATE_H
#define GRADMARK_STATE_H

#include <stdbool.h>
#include <sys/types.h>

/* Rounding to nearest, subnormals kept, no traps: as a process begins. */
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

#endif
