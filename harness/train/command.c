/* gradmark train: a model, trained with the suite's own kernels. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "machine/clock.h"
#include "team.h"
#include "terminal/interrupt.h"
#include "train/digits.h"
#include "train/idx.h"
#include "train/report.h"
#include "train/resume.h"
#include "train/session.h"
#include "verify/verify.h"

enum { DIGITS = 10 };

static void complain_of_divergence(const struct outcome *o) {
  const struct training_record *r = &o->record;
  cli_fail("%s diverged at step %zu (epoch %zu, lr %g)%s%s%s", o->name, r->step, r->epoch + 1, o->spec.lr,
           o->checkpoint ? "; '" : "", o->checkpoint ? o->checkpoint : "",
           o->checkpoint ? "' holds the epoch before" : "");
}

/* Exit code of a session whose trainings are done. */
static int verdict(const struct session *s) {
  int code = EXIT_FINE;
  for (size_t i = 0; i < s->solution_checks; i++)
    if (!s->solution_check[i].held) code = EXIT_FAILED;
  for (size_t i = 0; i < s->outcomes; i++)
    if (s->outcome[i].record.status == TRAINING_DIVERGED) {
      complain_of_divergence(&s->outcome[i]);
      code = EXIT_FAILED;
    }
  const struct outcome *fault = reproducibility_fault(s->outcome, s->outcomes);
  if (fault) {
    cli_fail("%s should have ended in the same bits as the others: this is a fault in gradmark", fault->name);
    code = EXIT_FAILED;
  }
  return code;
}

static bool check_solution(struct session *s, const struct job *job, const struct outcome *o) {
  const struct training_data data = job_data(s, &job->spec);
  /* What was best by the validation data is not what the training data would have. */
  if (job->spec.data == DATA_DIGITS || o->record.status != TRAINING_FINISHED || data.validation.count) return true;
  struct solution_check *more = realloc(s->solution_check, (s->solution_checks + KNOWN_MOST) * sizeof *more);
  if (!more) return cli_fail("no memory for the known solutions"), false;
  s->solution_check = more;
  s->solution_checks += known_solution_check(&job->spec, o, &data.train, more + s->solution_checks);
  return true;
}

/* False, having complained, if one failed: the outcomes are those of the others, and what there is of it. */
static bool train_all(struct session *s, const struct train_plan *plan) {
  for (size_t i = 0; i < plan->count && !interrupt_came(); i++) {
    train_report_training(s, &plan->job[i], i, plan->count);
    const struct outcome *o = job_run(s, &plan->job[i]);
    if (!o) return false;
    train_report_outcome(o, plan->count);
    if (o->record.status == TRAINING_FAILED) return false;
    if (!check_solution(s, &plan->job[i], o)) return false;
    if (s->options.workload->compress && !interrupt_came() && !compress_all(s, &plan->job[i])) return false;
  }
  return true;
}

static bool load_data(struct session *s) {
  const struct train_options *o = &s->options;
  const enum workload_data kind = o->workload->spec->data;
  struct training_data *data = &s->data;
  if (o->data && kind != DATA_DIGITS)
    return cli_fail("--data is for workloads that learn digits; %s has its own points", o->workload->name), false;
  switch (kind) {
    case DATA_ONE_POINT:
    case DATA_THREE_POINTS: data->train = toy_line_through_zero(&s->toy_train, 3); break;
    case DATA_LINE: data->train = toy_noisy_line(&s->toy_train, o->seed); break;
    case DATA_TWO_CLASSES:
      data->train = toy_two_classes(&s->toy_train, o->seed);
      data->test = toy_two_classes(&s->toy_test, ~o->seed);
      break;
    case DATA_DIGITS:
      if (!o->data) return digits_make(data, DIGITS_TRAIN, DIGITS_TEST, o->seed);
      return idx_read_folder(data, o->data, DIGITS) && samples_check(&data->train) && samples_check(&data->test);
  }
  return true;
}

static bool prepare(struct session *s) {
  if (!machine_open(&s->machine)) return cli_fail("no memory for the machine's topology"), false;
  environment_observe(&s->environment, &(struct environment_source){.root = ""}, &s->machine);
  if (s->environment.emulated)
    return cli_fail("this runs under %s: times of an emulator say nothing, so nothing is trained (verify works)",
                    s->environment.emulator),
           false;
  s->observed = s->environment.warnings;
  s->arena = (struct arena_settings){
      .placement = PLACEMENT_STAGGERED, .pages = PAGES_HUGE, .cache_span = machine_cache_span(&s->machine)};
  const char *why_not = team_why_not(VERIFY_MOST_THREADS);
  if (why_not) return cli_fail("%s", why_not), false;
  if (!load_data(s)) return false;
  s->verifier = verifier_open(s->options.seed);
  s->verified = calloc(gm_impl_count(s->library), sizeof *s->verified);
  return (s->verifier && s->verified) || (cli_fail("no memory for the proof's arrays"), false);
}

static int train(struct session *s, const struct train_plan *plan, struct training_file *file) {
  interrupt_listen();
  train_report_head(s, &plan->job[0], plan->count);
  const bool done = train_all(s, plan);
  if (s->outcomes) train_report_end(s);
  fflush(stdout);
  if (s->options.output && s->outcomes == 0)
    whole_file_abandon(&file->file);
  else if (s->options.output && !training_file_write(file, s, !done || interrupt_came()))
    return EXIT_USAGE;
  if (!done) return s->proof_failed ? EXIT_FAILED : EXIT_USAGE;
  if (interrupt_came()) {
    cli_fail("interrupted%s", s->options.output ? "; what was finished is written, marked as partial" : "");
    return EXIT_STOPPED;
  }
  return verdict(s);
}

static int open_and_train(struct session *s, int argc, char **argv) {
  struct train_plan plan;
  struct training_file file = {.argc = argc, .argv = argv};
  int status = EXIT_USAGE;
  circumstance_time(file.started);
  s->begun = clock_seconds();
  if (!prepare(s)) return EXIT_USAGE;
  if (train_plan_make(&plan, s) && resume_may_save(&s->options) &&
      (!s->options.output || whole_file_open(&file.file, s->options.output))) {
    status = train(s, &plan, &file);
  }
  free(plan.job);
  return status;
}

static void session_close(struct session *s) {
  for (size_t i = 0; i < s->outcomes; i++) {
    struct outcome *o = &s->outcome[i];
    free(o->record.point);
    free(o->record.evaluation);
    free(o->params);
    evaluation_free(&o->test);
  }
  free(s->outcome);
  free(s->solution_check);
  samples_free(&s->data.train);
  samples_free(&s->data.test);
  if (s->verifier) verifier_close(s->verifier);
  free(s->verified);
  placement_log_free(&s->placement);
  machine_close(&s->machine);
  gm_close(s->library);
  free(s);
}

int command_train(int argc, char **argv) {
  struct session *s = calloc(1, sizeof *s);
  char **given = calloc((size_t)argc + 1, sizeof *given); /* reading the options takes the workload out of argv */
  int status = EXIT_USAGE;
  if (!s || !given) {
    cli_fail("no memory");
  } else {
    memcpy(given, argv, (size_t)argc * sizeof *given);
    if (train_options_read(&s->options, argc, argv, &status)) {
      status = EXIT_USAGE;
      if ((s->library = cli_open_library())) status = open_and_train(s, argc, given);
    }
  }
  if (s) session_close(s);
  free(given);
  return status;
}
