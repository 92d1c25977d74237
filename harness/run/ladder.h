/* The working sets of a sweep: two per octave, 4, 6, 8, 12, 16, ... KiB, to the first past twice the last cache. */
#ifndef GRADMARK_LADDER_H
#define GRADMARK_LADDER_H

#include <stdbool.h>
#include <stddef.h>

#include "machine/topology.h"

enum { LADDER_MOST = 80 };

struct ladder {
  double rung[LADDER_MOST]; /* bytes, of all threads */
  size_t count;
  bool shortened; /* memory was too small to go past twice the last cache */
};

struct ladder ladder_make(const struct machine *machine, int threads);

/* "96KiB", "1536KiB", "2MiB": in the largest unit of which it is a whole number. */
const char *ladder_name(double rung, char *text, size_t size);

#endif
