/* What another process has proved for this one: of several that one campaign starts, one proves and the others time. */
#ifndef GRADMARK_VERIFIED_H
#define GRADMARK_VERIFIED_H

#include "run/run.h"

/* Identifies the code that is proved and timed: the program, its library, its plug-ins. "" where it cannot be read. */
enum { VERIFIED_HASH = 20 };
void verified_hash(const char *plugins, char hash[VERIFIED_HASH]);

/* Takes from a result file which implementations passed their proof: of the same code, on the same machine, with the
 * same ISAs. They are still proved at the size at which they are timed. Complains and returns false if it is not such a
 * file. */
bool verified_read(struct run *run, const char *file);

#endif
