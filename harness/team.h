/* Whether a team of threads can be had. It is asked before the first team: an OpenMP runtime that gets no thread ends
 * the process, with an exit code of its own. */
#ifndef GRADMARK_TEAM_H
#define GRADMARK_TEAM_H

/* NULL if so many threads can be alive at once, the caller's among them; else why not, in words that are good until the
 * next call. OpenMP is not asked for threads that OMP_THREAD_LIMIT forbids, and neither is the system. */
const char *team_why_not(int threads);

#endif
