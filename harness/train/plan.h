/* Which trainings a session makes. */
#ifndef GRADMARK_TRAIN_PLAN_H
#define GRADMARK_TRAIN_PLAN_H

#include "train/job.h"

struct train_plan {
  struct job *job;
  size_t count, capacity;
};

/* The workload's trainings with the command line's choices: each on every chosen ISA and thread count. Fills
 * session->isa and session->threads. Complains and returns false for what is unknown or does not go together. */
bool train_plan_make(struct train_plan *plan, struct session *session);
void train_plan_free(struct train_plan *plan);

#endif
