/* Takes the samples of all rows; Google Benchmark registers, filters and paces them. */
#ifndef GRADMARK_TIMING_H
#define GRADMARK_TIMING_H

#include "run/run.h"

/* Marks the rows that Google Benchmark's filter leaves; returns how many, -1 on an error inside it. */
int timing_choose(struct run *run);

/* Times them, in rounds, as far as the profile's time is enough, and adds warnings about what happened meanwhile. False
 * on an error inside Google Benchmark, or without memory. */
bool timing_run(struct run *run);

#endif
