/* What `gradmark train` was asked for. */
#ifndef GRADMARK_TRAIN_OPTIONS_H
#define GRADMARK_TRAIN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "train/schedule.h"
#include "train/workload.h"

/* What was not given is 0, NULL or NaN, and the workload's own choice holds. */
struct train_options {
  const struct workload *workload;
  const char *data, *output, *save, *resume, *export_directory;
  const char *optimizer, *isa, *threads;
  double lr, clip, l1, l2; /* NaN */
  const char *schedule_text;
  struct schedule schedule; /* where schedule_text is given */
  size_t batch, epochs;
  bool init_given;
  enum init init;
  size_t hidden[TRAINING_MOST_HIDDEN + 1];
  bool hidden_given; /* perhaps as none */
  const struct activation *activation;
  double validate;
  size_t patience;
  uint64_t seed;
};

/* Reads the command line; complains and returns false, with the exit code in *status, when there is nothing to do. */
bool train_options_read(struct train_options *options, int argc, char **argv, int *status);

#endif
