/* Whether a team of threads can be had. It is asked before the first team: an OpenMP runtime that gets no thread ends
 * the process, with an exit code of its own. */
#ifndef GRADMARK_TEAM_H
#define GRADMARK_TEAM_H

/* A team has as many threads as are asked for, whatever OMP_DYNAMIC and OMP_MAX_ACTIVE_LEVELS say. To be called once,
 * on the thread that will ask for teams, in the process in which it does. */
void team_settle(void);

/* How many threads OpenMP really gives a team that asks for `threads` (OMP_THREAD_LIMIT, OMP_DYNAMIC, ...). */
int team_given(int threads);

/* NULL if a team of so many threads, the caller's among them, can take the place of another, and OpenMP gives it; else
 * why not, in words that are good until the next call. What OMP_THREAD_LIMIT forbids is not asked of the system. Where
 * the library was built without OpenMP, which calls everything on one thread, nothing is wrong with that. */
const char *team_why_not(int threads);

#endif
