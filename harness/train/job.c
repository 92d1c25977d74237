#include "train/job.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "measure/group.h"
#include "train/export.h"
#include "train/prune.h"
#include "train/resume.h"
#include "train/watch.h"

enum { EVALUATIONS_PER_EPOCH = 4 };

/* ---- data ------------------------------------------------------------------------------------------------------- */

static struct samples of_dataset(const struct dataset *set) {
  return (struct samples){.count = set->samples,
                          .features = set->features,
                          .classes = set->classes,
                          .feature = set->feature,
                          .label = set->label};
}

struct training_data job_data(const struct session *session, const struct training_spec *spec) {
  const struct train_options *o = &session->options;
  struct training_data data = {0};
  switch (spec->data) {
    case DATA_ONE_POINT: data.train = toy_line_through_zero(session->toy_train, 1); break;
    case DATA_THREE_POINTS: data.train = toy_line_through_zero(session->toy_train, 3); break;
    case DATA_LINE: data.train = toy_noisy_line(session->toy_train, o->seed); break;
    case DATA_TWO_CLASSES:
      data.train = toy_two_classes(session->toy_train, o->seed);
      data.test = toy_two_classes(session->toy_test, ~o->seed);
      break;
    case DATA_DIGITS:
      data.train = of_dataset(&session->digits.train);
      data.test = of_dataset(&session->digits.test);
      break;
  }
  const size_t kept = (size_t)(o->validate * (double)data.train.count);
  if (kept) {
    data.validation = samples_part(&data.train, data.train.count - kept, kept);
    data.train = samples_part(&data.train, 0, data.train.count - kept);
  }
  return data;
}

struct training_data job_data_most(const struct session *session, size_t *fewest) {
  const struct workload *workload = session->options.workload;
  struct training_data most = job_data(session, &workload->spec[0]);
  size_t least = most.train.count;
  for (size_t i = 1; i < workload->specs; i++) {
    const struct training_data data = job_data(session, &workload->spec[i]);
    if (data.train.count > most.train.count) most = data;
    if (data.train.count < least) least = data.train.count;
  }
  if (fewest) *fewest = least;
  return most;
}

/* ---- one training ----------------------------------------------------------------------------------------------- */

struct running {
  struct session *session;
  const struct job *job;
  struct model model;
  struct network network;
  struct training training;
  struct training_data data;
  struct resume resume;
  struct watch watch;
  bool saved;
};

static bool save(void *context) {
  struct running *r = context;
  const bool saved = resume_save(&r->resume, &r->training);
  r->saved = r->saved || saved;
  return saved;
}

static void watch_step(void *context, double loss) {
  struct running *r = context;
  watch_show_step(&r->watch, loss);
}

static void watch_epoch(void *context) {
  struct running *r = context;
  watch_show_epoch(&r->watch);
}

static bool open_network(struct running *r) {
  const struct job *job = r->job;
  const struct network_config config = {.library = r->session->library,
                                        .isa = job->isa,
                                        .threads = job->threads,
                                        .batch = job->spec.batch,
                                        .optimizer = job->spec.optimizer,
                                        .clip = job->spec.clip,
                                        .l1 = job->spec.l1,
                                        .l2 = job->spec.l2,
                                        .proximal = job->spec.proximal,
                                        .temperature = job->temperature,
                                        .masked = job->pruned > 0,
                                        .arena = &r->session->arena};
  group_bind(&r->session->machine, job->threads);
  return network_open(&r->network, &r->model, &config);
}

static bool open_training(struct running *r) {
  const struct job *job = r->job;
  struct training_settings settings = {
      .lr = job->spec.lr,
      .batch = job->spec.batch,
      .epochs = job->spec.epochs,
      .init = job->spec.init,
      .seed = r->session->options.seed,
      .shuffle = job->spec.shuffle,
      .evaluations_per_epoch = job->spec.data == DATA_DIGITS ? EVALUATIONS_PER_EPOCH : 1,
      .patience = r->data.validation.count ? r->session->options.patience : 0};
  if (!schedule_read(&settings.schedule, job->spec.schedule) ||
      !training_open(&r->training, &settings, &r->data, &r->network))
    return false;
  if (job->start) network_set_params(&r->network, job->start);
  return job->pruned <= 0 || prune_network(&r->network, job->pruned);
}

static bool prepare_files(struct running *r) {
  const struct train_options *o = &r->session->options;
  if (!r->job->is_main) return true;
  if (!resume_open(&r->resume, o, r->job, &r->training)) return false;
  return !o->export_directory || export_inputs(o->export_directory, &r->training);
}

/* Of trainings that waited for a processor the one that did most is told of, in the result file too. A moment is
 * nothing. */
static void warn_of_waiting(struct running *r, const char *name) {
  const double tolerated = 0.05, moment = 0.02;
  const struct training_record *record = &r->training.record;
  const double waited = record->waited_seconds / training_seconds(record);
  struct session *s = r->session;
  if (!(waited >= tolerated) || record->waited_seconds < moment || waited <= s->waited) return;
  char what[ENVIRONMENT_SENTENCE];
  s->waited = waited;
  snprintf(what, sizeof what, "%s waited for a processor %.0f%% of its time", name, 100 * waited);
  environment_warn(&s->environment, "waited", what, "Other programs were busy",
                   "Do not believe its speed, and repeat it on a quieter machine");
}

/* Where the threads are; never while a step is timed. */
static void note_placement(struct running *r, char state[PLACEMENT_STATE]) {
  const int threads = r->job->threads;
  if (threads < 2) return;
  const struct placement_probe probe = placement_probe(threads);
  placement_log_add(&r->session->placement, threads, &probe);
  placement_state(&probe, threads, state);
}

static void train(struct running *r, struct outcome *outcome) {
  /* Again: the proof, on fewer threads, may have ended some, and new ones are where the first is. */
  group_bind(&r->session->machine, r->job->threads);
  note_placement(r, outcome->before);
  watch_begin(&r->watch, r->job, &r->training);
  const bool saves = r->job->is_main && r->session->options.save;
  const struct training_watch watch = {
      .context = r, .step = watch_step, .epoch = watch_epoch, .save = saves ? save : NULL};
  training_run(&r->training, &watch);
  watch_end(&r->watch);
  note_placement(r, outcome->after);
  placement_observe(&r->session->placement, &r->session->machine, &r->session->environment);
}

/* Before an epoch is over, what is resumed is all there is. */
static const char *checkpoint_of(const struct running *r) {
  const struct train_options *o = &r->session->options;
  if (!r->job->is_main || r->training.record.epoch == 0) return NULL;
  return r->saved ? o->save : o->resume;
}

static bool conclude(struct running *r, struct outcome *outcome) {
  struct kernel_limit limits[NETWORK_MOST_CALLS];
  const bool measured = training_ended(&r->training.record);
  if (measured && !limits_measure(&r->network, &r->data.train, limits))
    return cli_fail("no memory to measure the limits"), false;
  const struct job *job = r->job;
  outcome->epochs_in_all = job->start_epochs + r->training.record.epoch;
  outcome->checkpoint = checkpoint_of(r);
  outcome->schedule = job->spec.schedule;
  outcome->initialization = job->start ? "trained" : init_names[job->spec.init];
  snprintf(outcome->part, sizeof outcome->part, "%s", job->part);
  snprintf(outcome->name, sizeof outcome->name, "%s%s%s/%s/%s/t%d", r->session->options.workload->name,
           *job->part ? "/" : "", job->part, job->spec.optimizer, job->isa, job->threads);
  warn_of_waiting(r, outcome->name);
  return outcome_take(outcome, &r->training, measured ? limits : NULL);
}

bool job_run(struct session *session, const struct job *job, struct outcome *outcome) {
  struct running *r = calloc(1, sizeof *r);
  if (!r) return cli_fail("no memory for a training"), false;
  r->session = session, r->job = job;
  r->data = job_data(session, &job->spec);
  r->data.train.soft = job->soft;
  r->model = model_make(job->widths, job->layers + 1, job->activation, job->loss, job->has_bias);
  /* What can be wrong with files is said before the proof, which takes a second. */
  bool done =
      open_network(r) && open_training(r) && prepare_files(r) && verified_network(&session->verified, &r->network);
  if (done) {
    train(r, outcome);
    done = conclude(r, outcome);
  }
  resume_close(&r->resume);
  training_close(&r->training);
  network_close(&r->network);
  free(r);
  return done;
}
