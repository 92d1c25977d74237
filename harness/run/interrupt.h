/* Ctrl-C and SIGTERM ask a run to stop: it finishes the sample at hand and writes what it has. A second one kills. */
#ifndef GRADMARK_INTERRUPT_H
#define GRADMARK_INTERRUPT_H

#include <stdbool.h>

void interrupt_listen(void);
bool interrupt_came(void);

#endif
