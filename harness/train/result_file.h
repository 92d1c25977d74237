/* The result file of a training: reports/gradmark_report/training.schema.json says what stands in it. */
#ifndef GRADMARK_TRAINING_FILE_H
#define GRADMARK_TRAINING_FILE_H

#include <stdbool.h>

#include "results/circumstance.h"
#include "train/session.h"

struct training_file {
  struct whole_file file;
  int argc;
  char **argv; /* the command line */
  char started[CIRCUMSTANCE_TIME];
};

/* Complains and returns false if no file can be made there. */
bool training_file_open(struct training_file *file, const char *path);
void training_file_abandon(struct training_file *file);

/* Writes everything that the session found; complains and returns false if it cannot. */
bool training_file_write(struct training_file *file, const struct session *session, bool partial);

#endif
