/* The rows of a sweep as a person reads them: a block per op and thread count. */
#ifndef GRADMARK_SWEEP_TABLE_H
#define GRADMARK_SWEEP_TABLE_H

#include <stddef.h>

#include "machine/topology.h"
#include "measure/row.h"

/* One line per octave: the ns per element of each implementation, and the limit of the best exact one. */
void sweep_table_print(const struct row *rows, size_t count, const struct machine *machine);

#endif
