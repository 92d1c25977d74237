/* The same peaks as core.h's, by straight assembly: what the compiler made of a loop cannot be wrong here, and nothing
 * is shared with it. For checking the loops (gradmark limits). */
#ifndef GRADMARK_ASSEMBLY_H
#define GRADMARK_ASSEMBLY_H

#include "machine/core.h"

enum { ASSEMBLY_FMA_CHAINS = 12 };

/* In chains every instruction waits for the one of the turn before; independent ones wait for nothing. As long as there
 * are enough chains both take as long. NULL where there is none. Vectors of a turn: ASSEMBLY_FMA_CHAINS, or CORE_EACH.
 */
typedef struct assembly {
  void (*independent[CORE_KINDS])(size_t turns, float *page), (*chained[CORE_KINDS])(size_t turns, float *page);
} assembly;

/* NULL where there is none for an ISA. */
const assembly *assembly_of(const char *isa);

#endif
