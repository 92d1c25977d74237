/* Nothing is timed that has not passed its proof in this process. */
#ifndef GRADMARK_PROVE_H
#define GRADMARK_PROVE_H

#include "run/run.h"

/* Proves every implementation that has a row; returns how many failed, -1 without memory. */
int prove_all(struct run *run);

#endif
