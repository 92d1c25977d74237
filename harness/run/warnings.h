/* What a run warns of beside what the environment shows, and how warnings look on the terminal. */
#ifndef GRADMARK_RUN_WARNINGS_H
#define GRADMARK_RUN_WARNINGS_H

#include "run/run.h"

/* Before anything is timed: of memory that is too small for the sets wanted, of times that are slowed on purpose. */
void warnings_before(struct run *run);
/* After: of rows above their limit, which the model of the limit has wrong. */
void warnings_after(struct run *run);

#endif
