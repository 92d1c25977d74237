/* What a run says on the terminal. */
#ifndef GRADMARK_REPORT_H
#define GRADMARK_REPORT_H

#include "run/run.h"

/* Warn, beside what the environment shows, before anything is timed: of memory that is too small for the sets wanted,
 * of times that are slowed on purpose. And after: of rows above their limit, which the model of the limit has wrong. */
void warn_before(struct run *run);
void warn_after(struct run *run);

/* The machine, the warnings, what is going to be timed. */
void report_head(struct run *run);
/* What came out of it, and what was warned of meanwhile. */
void report_rows(const struct run *run);

/* The parts of report_rows. The rows of the levels, group by group; those of a sweep, a block per op and thread count,
 * one line per octave: the ns per element of each implementation, and the limit of the best exact one; and what the
 * rows of the levels say, in sentences. */
void print_table(const struct row *rows, size_t count, bool with_legend);
void print_sweep(const struct row *rows, size_t count, const struct machine *machine);
void print_findings(const struct run *run);

#endif
