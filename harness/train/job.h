/* One training of a session, from its choices to its outcome. */
#ifndef GRADMARK_JOB_H
#define GRADMARK_JOB_H

#include "train/session.h"

struct job {
  struct training_spec spec; /* with the command line's choices; `optimizer` is set */
  size_t widths[MODEL_MOST_LAYERS + 1];
  int layers;
  const struct activation *activation;
  enum model_loss loss;
  bool has_bias;
  const char *part, *isa;
  int threads;
  bool is_main; /* is shown epoch by epoch, and what --save, --resume and --export are about */

  /* For a training that builds on another one. */
  const float *start;  /* parameters to begin with; NULL: drawn */
  size_t start_epochs; /* that they were trained */
  double pruned;       /* share of the weights that are 0 from the start and stay so */
  double temperature;  /* of the teacher; 0: there is none */
  const float *soft;   /* what the teacher says of every training sample */
};

/* Trains, evaluates, measures the limits, and fills `outcome`. False, having complained, if nothing came of it
 * (exit code 2); a training that diverged or was interrupted is an outcome, too. */
bool job_run(struct session *session, const struct job *job, struct outcome *outcome);

/* The samples of a spec: views of what the session owns. */
struct training_data job_data(const struct session *session, const struct training_spec *spec);
/* How many samples there are, where the trainings of a workload differ: those of the one with the most; `fewest`, if
 * not NULL: to train with in the one with the least. */
struct training_data job_data_most(const struct session *session, size_t *fewest);

#endif
