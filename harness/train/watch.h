/* What is shown while a training runs: its progress on stderr, its epochs on stdout. */
#ifndef GRADMARK_WATCH_H
#define GRADMARK_WATCH_H

#include "train/job.h"

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

#endif
