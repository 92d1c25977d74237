/* Ctrl-C, SIGTERM and a terminal that is closed (SIGHUP) ask a run to stop: it finishes the sample at hand and writes
 * what it has. Another that comes a second later, or more, kills; one that comes sooner is taken for the same. Nor does
 * a run end because nobody reads its stdout any more. */
#ifndef GRADMARK_INTERRUPT_H
#define GRADMARK_INTERRUPT_H

#include <stdbool.h>

void interrupt_listen(void);
bool interrupt_came(void);

#endif
