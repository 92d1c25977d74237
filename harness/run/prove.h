/* Proves what is about to be timed. */
#ifndef GRADMARK_PROVE_H
#define GRADMARK_PROVE_H

#include "run/run.h"

/* Proves the implementations whose rows come first (plan.h); with a budget not for longer than some of it. What fails
 * is reported, and its rows will not be timed. False without memory. */
bool prove_all(struct run *run);

/* Proves one that was not tried yet; true if it passes. */
bool prove_one(struct run *run, const gm_impl *impl);

#endif
