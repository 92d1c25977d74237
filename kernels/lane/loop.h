/* The one loop over an array and its tail. A kernel is a step: what happens to the elements i .. i+count-1, where count
 * is V_WIDTH but for the last step. `job` is a struct of pointers and plain floats, copied by the step into a local, so
 * that no store can alias a coefficient and the compiler hoists every broadcast. */
#ifndef GM_LANE_LOOP_H
#define GM_LANE_LOOP_H

#include <stdbool.h>

#include "lane/lane.h"

/* Before a loop over elements: the streams never alias each other (gm_check), so none depends on another. */
#if defined(__GNUC__) && !defined(__clang__)
#define GM_INDEPENDENT _Pragma("GCC ivdep")
#else
#define GM_INDEPENDENT
#endif

/* Vectors a turn: of a light step the loop's own instructions are up to half. Single floats are the compiler's to
 * unroll, if it may. */
#ifndef GM_TURN
#define GM_TURN (V_WIDTH > 1 ? 4 : 1)
#endif

typedef void lane_step(const void *job, size_t i, size_t count);

GM_INLINE void lane_loop(lane_step *step, const void *job, size_t begin, size_t end) {
  size_t i = begin;
  for (; GM_TURN > 1 && end - i >= GM_TURN * V_WIDTH; i += GM_TURN * V_WIDTH) {
    step(job, i, V_WIDTH);
    if (GM_TURN > 1) step(job, i + 1 * V_WIDTH, V_WIDTH);
    if (GM_TURN > 2) step(job, i + 2 * V_WIDTH, V_WIDTH);
    if (GM_TURN > 3) step(job, i + 3 * V_WIDTH, V_WIDTH);
  }
  GM_INDEPENDENT
  for (; end - i >= V_WIDTH; i += V_WIDTH) step(job, i, V_WIDTH);
  if (i < end) step(job, i, end - i);
}

/* The same where `choice`, a member of the job, is one for all elements: a loop for either, with nothing to choose. */
GM_INLINE void lane_loop_either(lane_step *step, const void *job, bool *choice, size_t begin, size_t end) {
  if (*choice) {
    *choice = true;
    lane_loop(step, job, begin, end);
  } else {
    *choice = false;
    lane_loop(step, job, begin, end);
  }
}

#endif
