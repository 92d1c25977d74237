/* One op at one level on some threads, laid out in memory: what all its implementations are timed on. */
#ifndef GRADMARK_GROUP_H
#define GRADMARK_GROUP_H

#include <stdbool.h>

#include "by_name.h"
#include "machine/topology.h"
#include "measure/group_memory.h"

struct group {
  const gm_op *op;
  int threads;
  gm_frame frame;    /* to be called with */
  gm_frame *tensors; /* of a list */
  gm_frame whole;    /* the streams from end to end: of a list, as if it were one tensor */
  double result;
  double elements, working_set, bytes; /* bytes: moved by one step */
  long steps;                          /* since the initial state was put back */
  bool bound;                          /* its threads, to cores of their own */
  bool shared;                         /* its memory, with other groups */
  struct group_memory *memory;
  struct layout layout;
};

/* Places the op's streams in `memory`, about `working_set` bytes, first touched by the threads that will use it, and
 * fills them, but for shared memory, which is filled. The threads are bound. False without memory. */
bool group_open(struct group *group, const gm_op *op, double working_set, int threads, const struct machine *machine,
                struct group_memory *memory, bool shared);
void group_close(struct group *group);

/* Before it is used again, after another one was: binds its threads, and gets its pages back near to them. False if it
 * does not get all its threads. */
bool group_visit(struct group *group, const struct machine *machine);

/* Puts the initial state back: after very many steps even a gentle drift would end in other numbers. */
void group_restore(struct group *group);
/* The same, but for what is only read. */
void group_restore_written(struct group *group);

/* The same call in other memory, one of `stream` for each of the plain op's; its numbers are still to be put there. To
 * be closed, too, but its memory is the caller's. False without memory. */
bool group_copy(struct group *copy, const struct group *group, void *const stream[]);

/* Binds OpenMP's threads 0 .. threads-1 to the machine's PUs; false if the system does not let us, or gives fewer. */
bool group_bind(const struct machine *machine, int threads);

#endif
