/* Threads over any implementation. */
#ifndef GM_PARALLEL_H
#define GM_PARALLEL_H

#include "by_name.h"

/* Runs one step of a frame that has been checked. The result stream, if the op has one, gets its value; its bits do not
 * depend on `threads`. GM_OK or GM_NO_MEMORY. */
gm_status gm_parallel_run(const gm_impl *impl, int threads, const gm_frame *frame);

/* Once for a process, before it forks: from then on threads may be asked for in its children, too. */
void gm_parallel_open(void);

#endif
