/* What `gradmark train` prints on stdout, and its result file. */
#ifndef GRADMARK_TRAIN_REPORT_H
#define GRADMARK_TRAIN_REPORT_H

#include "results/circumstance.h"
#include "train/session.h"

/* The machine, the data, and the model where all trainings have the same. */
void train_report_head(const struct session *session, const struct job *first, size_t trainings);
/* Before one training. */
void train_report_training(const struct session *session, const struct job *job, size_t index, size_t trainings);
/* While one runs: its progress on stderr, its epochs on stdout. */
struct watch {
  const struct job *job;
  const struct training *training;
  bool terminal;
  double begun, last_shown;
  size_t first_step; /* of a resumed training: where it goes on */
  bool headed;
  size_t shown_epoch, shown_samples; /* the last row's */
  double shown_seconds;
};

void watch_begin(struct watch *watch, const struct job *job, const struct training *training);
void watch_show_step(struct watch *watch, double loss);
void watch_show_epoch(struct watch *watch);
void watch_end(struct watch *watch);

/* After one: in full where it is the only one, in a line otherwise. */
void train_report_outcome(const struct outcome *outcome, size_t trainings);
/* What can be said of all together: known solutions, the speed of each implementation, reproducibility, compression. */
void train_report_end(const struct session *session);

/* The result file (result_file.c): reports/gradmark_report/training.schema.json says what stands in it. */
struct training_file {
  struct whole_file file; /* opened before */
  int argc;
  char **argv; /* the command line */
  char started[CIRCUMSTANCE_TIME];
};

/* Writes everything that the session found; complains and returns false if it cannot. */
bool training_file_write(struct training_file *file, const struct session *session, bool partial);

#endif
