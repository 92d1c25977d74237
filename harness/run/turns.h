/* Several processes of a comparison that are alive together and take turns: each measures a few samples while the
 * others wait, then passes the turn on. A clock or a neighbour that changes within seconds then meets all of them
 * alike, which it does not where one process runs after the other. They stand in a ring; the turn is one byte in a
 * pipe. */
#ifndef GRADMARK_TURNS_H
#define GRADMARK_TURNS_H

#include <stdbool.h>

enum { TURNS_GROUP_SIZE = 65 };

struct turns {
  bool taken;                   /* --turns was given */
  int in, out;                  /* the pipes from the one before and to the one after */
  char group[TURNS_GROUP_SIZE]; /* what the processes of one ring have in common */
};

/* Reads `IN,OUT,GROUP`: two open file descriptors, and a word of letters, digits and -_. Complains and returns false.
 */
bool turns_read(struct turns *turns, const char *text);

/* Waits for the turn. Whoever started the ring put it into one pipe; that it came says that those before are ready, so
 * the first time round it is only passed on. */
void turns_begin(struct turns *turns);

/* Passes the turn on and waits for the next one. Where the one before has ended, nobody is waited for. */
void turns_yield(struct turns *turns);

#endif
