/* --threads: the thread counts that a command is about. */
#ifndef GRADMARK_THREAD_LIST_H
#define GRADMARK_THREAD_LIST_H

#include <stdbool.h>

#include "machine/topology.h"

enum { THREAD_LIST_MOST = 16 };

struct thread_list {
  int count[THREAD_LIST_MOST];
  int counts;
};

/* Adds one that is not yet there; complains and returns false where the list is full. */
bool thread_list_add(struct thread_list *list, long count);

/* Numbers separated by commas, and `all` for one thread per core. Complains and returns false for anything else, and
 * for more threads than this process has processing units. */
bool thread_list_read(struct thread_list *list, const char *text, const struct machine *machine);

/* The largest; 1 of an empty list. */
int thread_list_most(const struct thread_list *list);

/* Complains and returns false where the system refuses the threads, or OpenMP gives a team fewer threads than one of
 * the counts asks for: nothing may be said of threads that were not there. */
bool thread_list_held(const struct thread_list *list);

#endif
