/* The result file of a training: reports/gradmark_report/training.schema.json says what stands in it. */
#ifndef GRADMARK_TRAINING_FILE_H
#define GRADMARK_TRAINING_FILE_H

#include <stdbool.h>

#include "results/circumstance.h"
#include "train/session.h"

struct training_file {
  struct whole_file file; /* opened before */
  int argc;
  char **argv; /* the command line */
  char started[CIRCUMSTANCE_TIME];
};

/* Writes everything that the session found; complains and returns false if it cannot. */
bool training_file_write(struct training_file *file, const struct session *session, bool partial);

#endif
