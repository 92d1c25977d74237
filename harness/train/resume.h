/* --save and --resume: a training in a checkpoint, and back. */
#ifndef GRADMARK_RESUME_H
#define GRADMARK_RESUME_H

#include <jansson.h>
#include <stdbool.h>

#include "train/training.h"

struct job;
struct train_options;

struct resume {
  const char *path; /* of --save */
  json_t *settings; /* what must be the same for a training to go on */
};

/* To be asked before any work: may --save write where it is told to? It may replace the checkpoint that is resumed, and
 * nothing else. Complains and returns false if not. */
bool resume_may_save(const struct train_options *options);

/* Reads the checkpoint of --resume, if given, into the training. Complains and returns false if it cannot, or if the
 * checkpoint is one of another training, naming the first difference. */
bool resume_open(struct resume *resume, const struct train_options *options, const struct job *job,
                 struct training *training);

/* Writes the checkpoint; complains and returns false. */
bool resume_save(const struct resume *resume, const struct training *training);
void resume_close(struct resume *resume);

#endif
