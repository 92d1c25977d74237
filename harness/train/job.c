#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "machine/clock.h"
#include "machine/operations.h"
#include "measure/group.h"
#include "train/export.h"
#include "train/report.h"
#include "train/resume.h"
#include "train/session.h"
#include "verify/verify.h"

enum { EVALUATIONS_PER_EPOCH = 4 };

/* ---- data ------------------------------------------------------------------------------------------------------- */

struct training_data job_data(const struct session *session, const struct training_spec *spec) {
  struct training_data data = session->data;
  if (spec->data == DATA_ONE_POINT) data.train = samples_part(&data.train, 0, 1);
  const size_t validation = (size_t)(session->options.validate * (double)data.train.count);
  if (validation) {
    data.validation = samples_part(&data.train, data.train.count - validation, validation);
    data.train = samples_part(&data.train, 0, data.train.count - validation);
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

/* ---- proofs ----------------------------------------------------------------------------------------------------- */

static bool prove(struct session *s, const gm_impl *impl) {
  for (size_t i = 0; i < s->proofs; i++)
    if (s->verified[i] == impl) return true;
  const double start = clock_seconds();
  const struct verdict verdict = verifier_prove(s->verifier, impl);
  s->proof_seconds += clock_seconds() - start;
  s->proof_failed = !verdict.passed;
  if (s->proof_failed)
    return cli_fail("%s failed its proof, so nothing is trained with it: %s", impl->name, verdict.failure), false;
  s->verified[s->proofs++] = impl;
  return true;
}

bool job_prove(struct session *s, const char *isa, const char *const *ops) {
  for (; *ops; ops++) {
    const gm_impl *impl = kernel_choose(s->library, *ops, isa);
    if (!impl || !prove(s, impl)) return false;
  }
  return true;
}

/* What a network calls when it trains and is evaluated. */
static bool prove_network(struct session *s, const struct network *n) {
  for (int i = 0; i < n->calls; i++)
    if (!prove(s, n->call[i].impl)) return false;
  return job_prove(s, n->config.isa, (const char *const[]){evaluation_op(n->model), NULL});
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

static void after_step(void *context, double loss) {
  struct running *r = context;
  watch_show_step(&r->watch, loss);
}

static bool after_epoch(void *context) {
  struct running *r = context;
  watch_show_epoch(&r->watch);
  if (!r->job->is_main || !r->session->options.save) return true;
  const bool saved = resume_save(&r->resume, &r->training);
  r->saved = r->saved || saved;
  return saved;
}

struct network_config job_network(const struct session *session, const struct job *job) {
  return (struct network_config){.library = session->library,
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
                                 .arena = &session->arena};
}

static bool open_network(struct running *r) {
  const struct network_config config = job_network(r->session, r->job);
  group_bind(&r->session->machine, r->job->threads);
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

/* Warns, in the result file too, of the training that waited longest for a processor, if it waited at least a twentieth
 * of its time and more than a moment. */
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
  training_run(&r->training, &(struct training_watch){r, after_step, after_epoch});
  watch_end(&r->watch);
  note_placement(r, outcome->after);
  placement_observe(&r->session->placement, &r->session->machine, &r->session->environment);
}

/* The file that holds the last whole epoch: until this process has saved one, the checkpoint that was resumed. */
static const char *checkpoint_of(const struct running *r) {
  const struct train_options *o = &r->session->options;
  if (!r->job->is_main || r->training.record.epoch == 0) return NULL;
  return r->saved ? o->save : o->resume;
}

/* ---- what it came to -------------------------------------------------------------------------------------------- */

static void take_kernels(struct outcome *o, const struct network *n, const struct kernel_limit *limits) {
  static const struct figure unknown = {NAN, NAN, NAN};
  for (int i = 0; i < n->calls; i++) {
    const struct kernel_call *call = &n->call[i];
    o->fast |= call->impl->fast;
    struct kernel_outcome *k = &o->kernel[o->kernels++];
    *k = (struct kernel_outcome){.calls = call->calls,
                                 .seconds = call->seconds,
                                 .elements = call->elements,
                                 .flops_per_element = operations_flops(call->impl->op),
                                 .limit = limits ? limits[i] : (struct kernel_limit){.percent = unknown}};
    snprintf(k->name, sizeof k->name, "%s", call->impl->name);
    snprintf(k->description, sizeof k->description, "%s", call->description);
  }
}

static void take_hypers(struct outcome *o, const struct network *n) {
  const struct kernel_call *call = &n->call[n->optimizer_call];
  const gm_op *op = call->impl->op;
  for (int h = 0; h < op->hypers; h++) {
    const char *name = op->hyper[h].name;
    if (strcmp(name, "lr") == 0 || strcmp(name, "step") == 0) continue;
    o->hyper[o->hypers++] = (struct hyper_value){name, call->frame.hyper[h]};
  }
}

/* Takes over the training's record; `limits` may be NULL. Complains and returns false without memory. */
static bool take_outcome(struct outcome *o, struct training *training, const struct kernel_limit *limits) {
  const struct network *n = training->network;
  const struct training_record *r = &training->record;
  o->model = *n->model;
  o->threads = n->config.threads;
  o->fused = n->call[0].impl->fused;
  o->kernel_share = training_kernel_share(training);
  o->data_share = n->data_seconds / training_seconds(r);
  o->hash = training_hash(n);
  take_kernels(o, n, limits);
  take_hypers(o, n);
  o->params = malloc(n->model->floats * sizeof(float));
  if (!o->params) return cli_fail("no memory for the trained parameters"), false;
  memcpy(o->params, n->params, n->model->floats * sizeof(float));
  const bool diverged = r->status == TRAINING_DIVERGED;
  if (!diverged && training->data.test.count && !evaluate(training->network, &training->data.test, true, &o->test))
    return false;
  o->record = *r;
  training->record.point = NULL;
  training->record.evaluation = NULL;
  return true;
}

static bool conclude(struct running *r, struct outcome *outcome) {
  struct kernel_limit limits[NETWORK_MOST_CALLS];
  const bool measured = training_ended(&r->training.record);
  if (measured && !limits_measure(&r->network, &r->data.train, limits))
    return cli_fail("no memory to measure the limits"), false;
  const struct job *job = r->job;
  outcome->epochs_in_all = job->start_epochs + r->training.record.epoch;
  outcome->checkpoint = checkpoint_of(r);
  outcome->initialization = job->start ? "trained" : init_names[job->spec.init];
  outcome->part = job->part, outcome->isa = job->isa, outcome->spec = job->spec;
  snprintf(outcome->name, sizeof outcome->name, "%s%s%s/%s/%s/t%d", r->session->options.workload->name,
           *job->part ? "/" : "", job->part, job->spec.optimizer, job->isa, job->threads);
  warn_of_waiting(r, outcome->name);
  return take_outcome(outcome, &r->training, measured ? limits : NULL);
}

/* Another outcome, all zero; NULL and a complaint without memory. */
static struct outcome *add_outcome(struct session *s) {
  struct outcome *more = realloc(s->outcome, (s->outcomes + 1) * sizeof *more);
  if (!more) return cli_fail("no memory for what was found"), NULL;
  s->outcome = more;
  s->outcome[s->outcomes] = (struct outcome){0};
  return &s->outcome[s->outcomes++];
}

struct outcome *job_run(struct session *session, const struct job *job) {
  struct running *r = calloc(1, sizeof *r);
  if (!r) return cli_fail("no memory for a training"), NULL;
  struct outcome *outcome = add_outcome(session);
  r->session = session, r->job = job;
  r->data = job_data(session, &job->spec);
  r->data.train.soft = job->soft;
  r->model = model_make(job->widths, job->layers + 1, job->activation, job->loss, job->has_bias);
  /* What can be wrong with files is said before the proof, which takes a second. */
  bool done = outcome && open_network(r) && open_training(r) && prepare_files(r) && prove_network(session, &r->network);
  if (done) {
    train(r, outcome);
    done = conclude(r, outcome);
  }
  if (outcome && !done) session->outcomes--;
  resume_close(&r->resume);
  training_close(&r->training);
  network_close(&r->network);
  free(r);
  return done ? outcome : NULL;
}
