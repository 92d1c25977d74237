/* One run of `gradmark train`: what it was asked for, the trainings that it makes, and what it found. */
#ifndef GRADMARK_TRAIN_SESSION_H
#define GRADMARK_TRAIN_SESSION_H

#include "machine/environment.h"
#include "machine/placement.h"
#include "machine/topology.h"
#include "memory/arena.h"
#include "thread_list.h"
#include "train/known_solution.h"
#include "train/outcome.h"
#include "train/workload.h"

/* ---- what it was asked for (options.c) -------------------------------------------------------------------------- */

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

/* ---- a session -------------------------------------------------------------------------------------------------- */

enum { SESSION_MOST_ISAS = 16, COMPRESSED_MOST = 8 };

/* A model that was made smaller. */
struct compressed {
  const char *part;
  struct model model;
  size_t nonzero; /* parameters */
  double bytes;   /* that the model needs when it is stored like this */
  double accuracy;
  size_t epochs; /* of training, those of the model that it was made of among them */
};

struct session {
  struct train_options options;
  gm_library *library;
  double begun; /* clock_seconds */
  struct machine machine;
  struct environment environment;
  size_t observed;                /* warnings from before the first training */
  double waited;                  /* share of its time that a training waited for a processor: the largest */
  struct placement_log placement; /* before and after each training on several threads */
  struct arena_settings arena;

  struct verifier *verifier;
  const gm_impl **verified; /* those that passed */
  size_t proofs;
  double proof_seconds;
  bool proof_failed;

  const char *isa[SESSION_MOST_ISAS];
  int isas;
  struct thread_list threads;

  struct training_data data; /* the workload's; a training may have a part of it */
  struct toy_data toy_train, toy_test;

  struct outcome *outcome;
  size_t outcomes;
  struct solution_check *solution_check;
  size_t solution_checks;
  struct compressed compressed[COMPRESSED_MOST];
  int compressions;
};

/* ---- which trainings it makes (plan.c) -------------------------------------------------------------------------- */

/* One training, with the command line's choices. */
struct job {
  struct training_spec spec; /* `optimizer` is set */
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

struct train_plan {
  struct job *job;
  size_t count;
};

/* The workload's trainings with the command line's choices: each on every chosen ISA and thread count. Fills
 * session->isa and session->threads. Complains and returns false for what is unknown or does not go together. */
bool train_plan_make(struct train_plan *plan, struct session *session);

/* ---- one training (job.c) --------------------------------------------------------------------------------------- */

/* Proves ops, the last followed by NULL, unless they were proved before: no kernel trains that has not passed its proof
 * in this process. Complains of the first that fails and returns false. */
bool job_prove(struct session *session, const char *isa, const char *const *ops);

/* Trains, evaluates, measures the limits, and adds an outcome to the session, after which no pointer to an earlier one
 * holds. NULL, having complained, if nothing came of it (exit code 2, or 1 where a proof failed); a training that
 * diverged or was interrupted is an outcome, too. */
struct outcome *job_run(struct session *session, const struct job *job);

/* What the network of a job consists of beside its model. */
struct network_config job_network(const struct session *session, const struct job *job);

/* The samples of a spec: views of what the session owns. */
struct training_data job_data(const struct session *session, const struct training_spec *spec);
/* How many samples there are, where the trainings of a workload differ: those of the one with the most; `fewest`, if
 * not NULL: to train with in the one with the least. */
struct training_data job_data_most(const struct session *session, size_t *fewest);

/* ---- a trained model made smaller (compress.c) ------------------------------------------------------------------ */

/* Takes the outcome that the session's last training had, compresses its model in every way (pruned, quantized to int8,
 * distilled into a smaller one), trains where a way asks for it, and adds outcomes and session->compressed. Complains
 * and returns false. */
bool compress_all(struct session *session, const struct job *trained);

/* Magnitude pruning: the share `pruned` of all weights, those of the least magnitude in all layers together, become 0,
 * and stay so by the network's mask; no bias is pruned (torch.nn.utils.prune.global_unstructured with L1Unstructured;
 * weights as small as the last one that goes go with it). The network is a `masked` one. False, with a complaint,
 * without memory. */
bool prune_network(struct network *network, double pruned);

#endif
