/* Proves what is about to be timed, or takes it from what another process proved: of several that one campaign starts,
 * one proves and the others time. */
#ifndef GRADMARK_VERIFIED_H
#define GRADMARK_VERIFIED_H

#include "run/run.h"

/* Proves the implementations whose rows come first (plan.h); with a budget not for longer than some of it. What fails
 * is reported, and its rows will not be timed. False without memory. */
bool prove_all(struct run *run);

/* Proves one that was not tried yet; true if it passes. */
bool prove_one(struct run *run, const gm_impl *impl);

/* Identifies the code that is proved and timed: the program, its library, its plug-ins. "" where it cannot be read. */
enum { VERIFIED_HASH = 20 };
void verified_hash(const char *plugins, char hash[VERIFIED_HASH]);

#endif
