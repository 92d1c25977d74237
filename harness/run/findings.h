/* What the rows of the levels say, in words. */
#ifndef GRADMARK_FINDINGS_H
#define GRADMARK_FINDINGS_H

#include <stddef.h>

#include "run/row.h"
#include "run/threads_cost.h"

void findings_print(const struct row *rows, size_t count, const struct threads_cost *cost);

#endif
