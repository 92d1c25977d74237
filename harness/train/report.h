/* What `gradmark train` prints on stdout. */
#ifndef GRADMARK_TRAIN_REPORT_H
#define GRADMARK_TRAIN_REPORT_H

#include "train/job.h"

/* The machine, the data, and the model where all trainings have the same. */
void train_report_head(const struct session *session, const struct job *first, size_t trainings);
/* Before one training. */
void train_report_training(const struct session *session, const struct job *job, size_t index, size_t trainings);
/* After one: in full where it is the only one, in a line otherwise. */
void train_report_outcome(const struct outcome *outcome, size_t trainings);
/* What can be said of all together: known solutions, the speed of each implementation, reproducibility, compression. */
void train_report_end(const struct session *session);

#endif
