/* What a run says on the terminal. */
#ifndef GRADMARK_REPORT_H
#define GRADMARK_REPORT_H

#include "run/run.h"

/* The machine, the warnings, what is going to be timed. */
void report_head(struct run *run);
/* What came out of it, and what was warned of meanwhile. */
void report_rows(const struct run *run);

#endif
