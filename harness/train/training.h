/* One training: a model, data and an optimizer, from the first step to the last evaluation. */
#ifndef GRADMARK_TRAINING_H
#define GRADMARK_TRAINING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "train/evaluation.h"
#include "train/network.h"
#include "train/samples.h"
#include "train/schedule.h"

enum {
  TRAINING_FIRST_LOSSES = 200,
  TRAINING_MOST_POINTS =
      2100, /* points or evaluations: a thousand, and as many of a training that is resumed to be longer */
};

/* How it is done. */
struct training_settings {
  double lr;
  struct schedule schedule;
  size_t batch, epochs;
  enum init init;
  uint64_t seed;
  bool shuffle;
  size_t evaluations_per_epoch; /* how often the test data are evaluated; at least once an epoch */
  size_t patience;              /* epochs without a better validation loss after which it stops; 0: never */
};

enum training_status {
  TRAINING_FINISHED,
  TRAINING_STOPPED_EARLY,
  TRAINING_DIVERGED,
  TRAINING_INTERRUPTED,
  TRAINING_FAILED /* complained of already */
};
const char *training_status_name(enum training_status status);

/* A step of the loss curve, and an evaluation on the test data. Seconds are of training alone: evaluations are not in
 * them. All members are doubles, the step too: a checkpoint holds them as rows of numbers, in this order. */
struct training_point {
  double step, epoch, seconds, loss, lr;
};
struct training_evaluation {
  double step, epoch, seconds, train_loss; /* the mean since the last evaluation; NaN at the first */
  double validation_loss, validation_accuracy, test_loss, test_accuracy; /* NaN where there is none */
};

/* What has happened so far; all of it is in a checkpoint. */
struct training_record {
  enum training_status status;
  size_t epoch, step, samples; /* done */
  double seconds, evaluation_seconds;
  size_t epoch_before, samples_before; /* of `epoch`, `samples` and `seconds`, those of what was resumed */
  double seconds_before;
  double waited_seconds; /* of `seconds`, since it was resumed: in which its first thread did not run */
  double last_loss;
  double first_losses[TRAINING_FIRST_LOSSES];
  struct training_point *point;
  size_t points, point_every; /* every point_every-th step is kept: a thousand of many */
  struct training_evaluation *evaluation, latest;
  size_t evaluations, evaluation_every, evaluated; /* likewise, of `evaluated` */
  double best_validation_loss;                     /* NaN before the first */
  size_t best_epoch;
};

/* Told of what goes on. */
struct training_watch {
  void *context;
  void (*step)(void *context, double loss);
  /* After every epoch that left finite parameters. False ends the training. */
  bool (*epoch)(void *context);
};

struct training {
  struct training_settings settings;
  struct training_data data;
  struct network *network;
  struct training_record record;
  float *best; /* the parameters with the best validation loss; NULL without validation data */
};

/* Complains and returns false without memory, or if the optimizer does not allow the learning rate. The network's
 * parameters are initialized. */
bool training_open(struct training *training, const struct training_settings *settings,
                   const struct training_data *data, struct network *network);
void training_close(struct training *training);

size_t training_steps_per_epoch(const struct training *training);

/* Goes on from record.epoch to the last one, unless it has waited long enough for a better validation loss already.
 * With validation data the best parameters are put back at the end. */
enum training_status training_run(struct training *training, const struct training_watch *watch);

/* True of a training that came to its end, early or not. */
bool training_ended(const struct training_record *record);
/* Samples per second of training, since it was resumed if it was; NaN before the first step. */
double training_speed(const struct training_record *record);
/* The slowest and the fastest speed from one evaluation to the next, but for a tenth at either end; NaN of too few. */
void training_speed_range(const struct training_record *record, double *low, double *high);
/* Seconds of training, since it was resumed if it was. */
double training_seconds(const struct training_record *record);
/* Share of these that was spent in kernels. */
double training_kernel_share(const struct training *training);
/* The test accuracies to which a training is timed. */
enum { TRAINING_ACCURACIES = 4 };
extern const double training_accuracies[TRAINING_ACCURACIES];
/* Seconds to the first evaluation with at least that test accuracy, and its step; NaN and 0 if none. */
double training_seconds_to(const struct training_record *record, double accuracy, size_t *step);
/* A hash of all trained parameters' bits. */
uint64_t training_hash(const struct network *network);

#endif
