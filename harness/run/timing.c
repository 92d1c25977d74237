#include "run/timing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "gbench.h"
#include "guardian.h"
#include "machine/clock.h"
#include "run/admission.h"
#include "run/proof_at_size.h"
#include "terminal/interrupt.h"
#include "terminal/progress.h"

struct timing {
  struct run *run;
  struct admission admission;
  struct progress progress;
  size_t round, visits, visits_wanted;
  struct placement_probe felt; /* by the last visit's threads, after it */
  int felt_threads;            /* as many; 0: something else was done since */
};

struct job {
  struct timing *timing;
  struct entry *entry;
};

/* A row says something when it was visited so often. Then it is proved at its size, so that a run that is interrupted
 * later shows nothing that was not. */
enum { LEAST_ROUNDS = 3 };

/* ---- a visit ---------------------------------------------------------------------------------------------------- */

static struct placement_probe probe(struct timing *timing, int threads) {
  const struct placement_probe felt = placement_probe(threads);
  placement_log_add(&timing->run->placement, threads, &felt);
  return felt;
}

/* What was felt after the last visit counts as before this one, if nothing came between. */
static struct placement_probe probe_before(struct timing *timing, int threads) {
  const bool known = timing->felt_threads == threads;
  timing->felt_threads = 0;
  return known ? timing->felt : probe(timing, threads);
}

/* Where the two differ, the threads were moved meanwhile, and nobody can say what the samples are of. */
static void probe_after(struct timing *timing, struct visit *visit, int threads, const struct placement_probe *before) {
  char state[PLACEMENT_STATE], known[PLACEMENT_STATE];
  memcpy(known, visit->state, sizeof known);
  timing->felt = probe(timing, threads);
  timing->felt_threads = threads;
  visit->felt.effective_cores = (before->effective_cores + timing->felt.effective_cores) / 2;
  visit->felt.line_ns = (before->line_ns + timing->felt.line_ns) / 2;
  placement_state(before, threads, state);
  placement_state(&timing->felt, threads, visit->state);
  const bool moved = strcmp(state, visit->state) != 0 || (visit->probed && strcmp(known, visit->state) != 0);
  if (moved) visit->state[0] = '\0';
  visit->probed = true;
}

static void not_taken(struct timing *timing, struct entry *entry, gbench_state *state) {
  const char *failure = entry->sampler.failure;
  if (failure[0])
    admission_failed(timing->run, entry, failure);
  else
    admission_no_memory(timing->run, entry->row);
  gbench_skip(state, failure[0] ? failure : "no memory");
}

/* Google Benchmark says how many samples. */
static void take_samples(gbench_state *state, struct timing *timing, struct entry *entry) {
  struct sampler *sampler = &entry->sampler;
  admission_before(&timing->admission, entry);
  bool taken = sampler_begin(sampler, timing->round);
  while (taken && gbench_next(state)) {
    const double before = sampler->seconds;
    taken = sampler_take(sampler);
    gbench_set_seconds(state, sampler->seconds - before);
    if (interrupt_came()) break;
  }
  admission_after(&timing->admission, entry);
  if (!taken) return not_taken(timing, entry, state);
  if (interrupt_came()) gbench_skip(state, "interrupted");
}

static void visit(gbench_state *state, void *context) {
  const struct job *job = context;
  struct timing *timing = job->timing;
  struct entry *entry = job->entry;
  const int threads = entry->row->threads;
  if (interrupt_came()) return gbench_skip(state, "interrupted");
  const double share = (double)timing->visits++ / (double)timing->visits_wanted;
  progress_show(&timing->progress, timing->round, fmin(share, 1), entry->row->name);
  turns_yield(&timing->run->options.turns);
  if (timing->run->options.turns.taken) timing->felt_threads = 0; /* others have measured meanwhile */
  if (!group_visit(entry->group, &timing->run->machine)) {
    gbench_skip(state, "OpenMP gave fewer threads");
    return;
  }
  if (threads == 1) {
    timing->felt_threads = 0;
    return take_samples(state, timing, entry);
  }
  const struct placement_probe before = probe_before(timing, threads);
  take_samples(state, timing, entry);
  if (entry->sampler.visits && entry->row->status == ROW_PLANNED)
    probe_after(timing, &entry->sampler.visit[entry->sampler.visits - 1], threads, &before);
}

/* ---- other pages ------------------------------------------------------------------------------------------------ */

/* The system gives pages in the order in which they are touched, from those that were just given back: so groups that
 * are filled in an order of their own get each other's. */
static void move_groups(struct timing *timing, struct random *random) {
  struct admission *a = &timing->admission;
  size_t count = 0, *order = malloc(a->groups * sizeof *order);
  if (!order) return; /* then they stay where they are */
  for (size_t c = 0; c < a->groups; c++)
    if (a->group[c].op && !a->group[c].shared) order[count++] = c;
  group_memory_drop_own(&a->memory);
  for (size_t left = count; left > 0; left--) {
    const size_t i = random_below(random, left);
    struct group *group = &a->group[order[i]];
    order[i] = order[left - 1];
    group_visit(group, &timing->run->machine);
    group_restore(group);
  }
  group_memory_fill(&a->memory, plan_most_threads(&timing->run->plan), true);
  timing->felt_threads = 0;
  free(order);
}

/* ---- a round ---------------------------------------------------------------------------------------------------- */

/* In an order of its own, so that a disturbance of a second never meets the same rows again, and no row always follows
 * the same one. */
static void shuffle(struct job *jobs, size_t count, struct random *random) {
  for (size_t i = count; i > 1; i--) {
    const size_t j = random_below(random, i);
    const struct job job = jobs[j];
    jobs[j] = jobs[i - 1];
    jobs[i - 1] = job;
  }
}

static bool take_round(struct timing *timing, struct job *jobs) {
  const struct admission *admission = &timing->admission;
  size_t count = 0;
  for (size_t i = 0; i < admission->entries; i++)
    if (admission->entry[i].row->status == ROW_PLANNED) jobs[count++] = (struct job){timing, &admission->entry[i]};
  struct random random;
  random_seed(&random, timing->run->options.seed + 0x9e3779b97f4a7c15U * (timing->round + 1));
  if (timing->round > 0) move_groups(timing, &random);
  shuffle(jobs, count, &random);
  for (size_t i = 0; i < count; i++) {
    const int64_t samples = timing->run->options.own_pace ? 0 : (int64_t)jobs[i].entry->samples;
    if (!gbench_register(jobs[i].entry->row->name, visit, &jobs[i], samples)) return false;
  }
  return count == 0 || gbench_run((int64_t)timing->round, (int64_t)timing->run->plan.profile->rounds) >= 0;
}

/* ---- the proof at size ------------------------------------------------------------------------------------------ */

/* Of the process, while it was timed. */
static bool has_changed(const struct entry *entry, char failure[PROOF_AT_SIZE_SENTENCE]) {
  if (entry->closed >= 0)
    snprintf(failure, PROOF_AT_SIZE_SENTENCE, "it closed or replaced the open descriptor %d, which is not its own",
             entry->closed);
  else if (entry->altered)
    snprintf(failure, PROOF_AT_SIZE_SENTENCE, "it changed how floating-point arithmetic is done, %s",
             foreign_description(FOREIGN_TIMED));
  return entry->closed >= 0 || entry->altered;
}

static void prove_entry(struct timing *timing, struct proof_at_size *proof, struct entry *entry) {
  struct run *run = timing->run;
  char failure[PROOF_AT_SIZE_SENTENCE];
  if (!proof->group && !proof_at_size_open(proof, entry->group, run->options.seed))
    return admission_no_memory(run, entry->row);
  if (!proof->has_copy)
    environment_warn(
        &run->environment, "guarded_copy", "Some rows were not called once more on memory whose ends are guarded",
        "The system refused as much memory again as their numbers take", "Free memory, or raise this process's limits");
  bool right = proof_at_size_of(proof, entry->row->impl, entry->sampler.call_seconds, failure);
  if (has_changed(entry, failure)) right = false;
  if (!right) return admission_failed(run, entry, failure);
  entry->row->verified_at_size = true;
}

/* Group by group, for what a proof needs is the group's. */
static void prove_at_size(struct timing *timing) {
  struct admission *a = &timing->admission;
  for (size_t c = 0; c < a->groups && !interrupt_came(); c++) {
    struct proof_at_size proof = {0};
    if (!a->group[c].op) continue;
    turns_yield(&timing->run->options.turns);
    if (!group_visit(&a->group[c], &timing->run->machine)) continue;
    for (size_t i = 0; i < a->entries && !interrupt_came(); i++)
      if (a->entry[i].group == &a->group[c] && a->entry[i].row->status == ROW_PLANNED)
        prove_entry(timing, &proof, &a->entry[i]);
    proof_at_size_close(&proof);
  }
  timing->felt_threads = 0;
  group_memory_fill(&a->memory, plan_most_threads(&timing->run->plan), false); /* canaries lay in it */
}

/* ---- the whole -------------------------------------------------------------------------------------------------- */

static void choose_row(gbench_state *state, void *context) {
  struct row *row = context;
  row->selected = true;
  gbench_skip(state, "not yet");
}

static bool register_all(struct plan *plan) {
  for (size_t i = 0; i < plan->count; i++)
    if (!gbench_register(plan->row[i].name, choose_row, &plan->row[i], 1)) return false;
  return true;
}

int timing_choose(struct run *run) { return register_all(&run->plan) ? gbench_choose() : -1; }

/* With a budget, as many rounds as fit: eight at the least, and at most half as many again as the profile has. */
enum { FEWEST_ROUNDS = 8 };

static bool goes_on(const struct timing *timing, double longest_round) {
  const size_t promised = timing->run->plan.profile->rounds;
  if (interrupt_came() || 2 * timing->round >= 3 * promised) return false;
  const double left = admission_seconds_left(timing->run);
  if (isinf(left) || timing->round < FEWEST_ROUNDS) return timing->round < promised;
  return longest_round < left;
}

static bool take_rounds(struct timing *timing) {
  const size_t promised = timing->run->plan.profile->rounds;
  struct job *jobs = calloc(timing->admission.entries + 1, sizeof *jobs);
  double longest = 0;
  bool done = jobs != NULL;
  timing->visits_wanted = promised * timing->admission.entries;
  progress_begin(&timing->progress, "round", promised);
  for (timing->round = 0; done && goes_on(timing, longest); timing->round++) {
    const double began = clock_seconds();
    if (timing->round >= timing->progress.total) timing->progress.total++;
    done = take_round(timing, jobs);
    longest = fmax(longest, clock_seconds() - began);
    if (done && timing->round + 1 == LEAST_ROUNDS) prove_at_size(timing);
  }
  timing->run->rounds = timing->round;
  progress_end(&timing->progress, "rounds");
  free(jobs);
  return done;
}

/* What was changed after the proof is a failure as well. */
static void finish_row(struct run *run, struct entry *entry) {
  char failure[PROOF_AT_SIZE_SENTENCE];
  if (has_changed(entry, failure)) return admission_failed(run, entry, failure);
  if (entry->sampler.count && !sampler_finish(&entry->sampler, entry->row)) admission_no_memory(run, entry->row);
}

/* An interrupted row counts if it was visited often enough to be proved. */
static void finish_rows(struct timing *timing) {
  const struct admission *a = &timing->admission;
  for (size_t i = 0; i < a->entries; i++) {
    struct row *row = a->entry[i].row;
    if (row->status == ROW_PLANNED && row->verified_at_size) finish_row(timing->run, &a->entry[i]);
  }
  for (size_t i = 0; i < timing->run->plan.count; i++) {
    struct row *row = &timing->run->plan.row[i];
    if (row->status != ROW_PLANNED) continue;
    row->status = ROW_SKIPPED;
    if (!row->selected) snprintf(row->why_not, sizeof row->why_not, "--benchmark_filter leaves it out");
  }
}

static void warn_of_steal(struct environment *environment, const struct environment_ticks *before) {
  struct environment_ticks after;
  if (!environment_ticks_read(&(struct environment_source){.root = ""}, &after)) return;
  const double steal = environment_steal_percent(before, &after);
  char what[ENVIRONMENT_SENTENCE];
  snprintf(what, sizeof what, "The hypervisor gave %.1f%% of the processors' time to others during the timings", steal);
  if (steal > 1)
    environment_warn(environment, "steal_in_run", what, "This virtual machine shares its cores",
                     "Repeat the run, or use a machine of its own");
}

bool timing_run(struct run *run) {
  struct timing timing = {.run = run};
  const struct options *options = &run->options;
  if (options->only_lists) return register_all(&run->plan) && gbench_run(0, 1) >= 0;
  const double for_pairs = 0.5; /* seconds */
  turns_begin(&run->options.turns);
  if (plan_most_threads(&run->plan) > 1) placement_measure_pairs(&run->placement, &run->machine, for_pairs);
  struct environment_ticks before;
  const bool ticks = environment_ticks_read(&(struct environment_source){.root = ""}, &before);
  bool done = admission_open(&timing.admission, run) && take_rounds(&timing);
  if (done) finish_rows(&timing);
  admission_close(&timing.admission);
  if (!gbench_finish()) cli_fail("no memory for what Google Benchmark shows"), done = false;
  if (ticks) warn_of_steal(&run->environment, &before);
  if (run->placement.count) placement_observe(&run->placement, &run->machine, &run->environment);
  return done;
}
