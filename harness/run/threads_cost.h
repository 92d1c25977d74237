/* What entering the threads costs, and the size from which they pay. */
#ifndef GRADMARK_THREADS_COST_H
#define GRADMARK_THREADS_COST_H

#include <stdbool.h>

#include "by_name.h"
#include "machine/topology.h"
#include "memory/arena.h"

struct threads_cost {
  bool known;
  int threads;
  char impl[GM_NAME_SIZE]; /* measured with this one */
  double entry_seconds;    /* a call on all threads with next to nothing to do, less the same on one */
  double pays_from;        /* elements from which all threads are faster than one; infinity: at no size tried */
};

struct threads_cost threads_cost_measure(const gm_impl *impl, const struct machine *machine, int threads,
                                         const struct arena_settings *settings);

#endif
