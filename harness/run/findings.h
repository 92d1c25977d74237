/* What the rows of the levels say, in words. */
#ifndef GRADMARK_FINDINGS_H
#define GRADMARK_FINDINGS_H

#include "run/run.h"

void findings_print(const struct run *run);

#endif
