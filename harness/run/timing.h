/* Takes the samples of all rows; Google Benchmark registers, filters and paces them. */
#ifndef GRADMARK_TIMING_H
#define GRADMARK_TIMING_H

#include "run/run.h"

/* Times every row of the plan that was not failed by its proof. Returns how many Google Benchmark's filter left, -1 on
 * an error inside it. Adds warnings about what happened meanwhile. */
int timing_run(struct run *run);

#endif
