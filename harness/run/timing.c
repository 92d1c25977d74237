#include "run/timing.h"

#include <stdio.h>
#include <stdlib.h>

#include "gbench.h"
#include "guardian.h"
#include "run/interrupt.h"
#include "run/progress.h"
#include "run/proof_at_size.h"
#include "run/sampler.h"
#include "run/table.h"
#include "verify/state.h"

struct timing {
  struct run *run;
  struct sampler_settings settings;
  struct progress progress;
  const gm_op *warmed;    /* the op whose code and clocks are warm */
  double work, work_done; /* seconds, as far as the profile says */
  struct state_descriptors descriptors;
  int closed; /* a descriptor, while an implementation was timed: */
  const gm_impl *closed_by;
  bool choosing; /* Google Benchmark goes through its rows to show which it has chosen; nothing is timed */
};

struct job {
  struct timing *timing;
  struct row *row;
};

static double share_done(const struct timing *timing) {
  return timing->work > 0 ? timing->work_done / timing->work : 0;
}

/* ---- a cell ----------------------------------------------------------------------------------------------------- */

static double seconds_wanted(const struct timing *timing, const struct row *row) {
  const struct profile *profile = timing->run->plan.profile;
  return row->sweep ? profile->sweep_seconds_per_row : profile->seconds_per_row;
}

static size_t least_samples(const struct timing *timing, const struct row *row) {
  const struct profile *profile = timing->run->plan.profile;
  return row->sweep ? profile->sweep_least_samples : profile->least_samples;
}

static size_t samples_wanted(const struct timing *timing, const struct row *row, double turn_seconds) {
  const struct profile *profile = timing->run->plan.profile;
  const size_t least = least_samples(timing, row);
  const double wanted = seconds_wanted(timing, row) / turn_seconds;
  if (wanted < (double)least) return least;
  return wanted > (double)profile->most_samples ? profile->most_samples : (size_t)wanted;
}

static void no_memory(struct timing *timing, struct row *row) {
  char set[32], what[ENVIRONMENT_SENTENCE];
  row->status = ROW_SKIPPED;
  table_bytes(row->working_set_wanted, set, sizeof set);
  fprintf(stderr, "%s%s is not timed: no memory for %s\n", timing->progress.terminal ? "\r\033[K" : "", row->name, set);
  snprintf(what, sizeof what, "Rows such as %s were not timed: no memory for %s", row->name, set);
  environment_warn(&timing->run->environment, "no_memory", what,
                   "The system refused the memory although it seemed available",
                   "Free memory, or raise this process's limits");
}

static bool open_cell(struct timing *timing, const struct row *row, struct cell *cell) {
  struct run *run = timing->run;
  if (!cell_open(cell, row->impl->op, row->working_set_wanted, row->threads, &run->machine, &run->options.arena))
    return false;
  if (!cell->bound)
    environment_warn(&run->environment, "binding", "The threads of some rows were not bound to cores of their own",
                     "The system, or an OpenMP variable, does not let this process place its threads",
                     "Unset the OMP_ variables, and run where sched_setaffinity is allowed");
  return true;
}

/* Around timed calls: who ends the process in them is named, and what they close is opened again. */
static void before_calls(struct timing *timing, const gm_impl *impl) {
  state_remember(&timing->descriptors);
  guardian_name(impl->name);
  guardian_mark(0, FOREIGN_TIMED);
}

static void after_calls(struct timing *timing, const gm_impl *impl) {
  guardian_mark(0, FOREIGN_NONE);
  state_arithmetic_make_usual(); /* the proof at size says whether it was changed */
  const int changed = state_put_back(&timing->descriptors);
  if (changed >= 0) timing->closed = changed, timing->closed_by = impl;
}

static bool open_sampler(struct timing *timing, struct sampler *sampler, struct cell *cell, const struct row *row) {
  const double first = 0.03, other = 0.003;
  const bool warm = timing->warmed == row->impl->op;
  timing->warmed = row->impl->op;
  before_calls(timing, row->impl);
  const bool opened = sampler_open(sampler, &timing->settings, cell, row->impl, warm ? other : first);
  after_calls(timing, row->impl);
  return opened;
}

static bool take_samples(struct timing *timing, struct sampler *sampler, size_t count) {
  before_calls(timing, sampler->impl);
  const bool taken = sampler_take(sampler, count);
  after_calls(timing, sampler->impl);
  return taken;
}

/* One row of a cell while its samples are taken. */
struct turn {
  struct row *row;
  struct sampler sampler;
  size_t wanted, chunk;
};

static bool take_turn(struct timing *timing, struct turn *turn) {
  const size_t left = turn->wanted - turn->sampler.count;
  return take_samples(timing, &turn->sampler, left < turn->chunk ? left : turn->chunk);
}

/* The rows of a cell by turns, so that a disturbance of some seconds meets them all alike. */
static void take_rounds(struct timing *timing, struct turn *turns, size_t count) {
  bool more = true;
  while (more && !interrupt_came()) {
    more = false;
    for (size_t i = 0; i < count; i++) {
      struct turn *turn = &turns[i];
      if (turn->row->status != ROW_PLANNED || turn->sampler.count >= turn->wanted) continue;
      progress_show(&timing->progress, (size_t)(turn->row - timing->run->plan.row), share_done(timing),
                    turn->row->name);
      turns_yield(&timing->run->options.turns);
      if (!take_turn(timing, turn)) no_memory(timing, turn->row);
      more |= turn->row->status == ROW_PLANNED && turn->sampler.count < turn->wanted;
    }
  }
}

/* An interrupted row counts if it has enough samples to say something. */
static void finish_turn(struct timing *timing, struct turn *turn) {
  struct sampler *sampler = &turn->sampler;
  struct row *row = turn->row;
  if (row->status != ROW_PLANNED || sampler->count < least_samples(timing, row)) return;
  sampler_finish(sampler, row);
}

/* ---- the proof at size ------------------------------------------------------------------------------------------- */

/* What is wrong at one size is neither shown nor timed at others. */
static void failed_at_size(struct timing *timing, struct row *row, const char *failure) {
  struct plan *plan = &timing->run->plan;
  timing->run->failed_at_size++;
  fprintf(stderr, "%s%s FAILED its proof at size and is not shown: %s (%.0f elements; %d thread%s)\n",
          timing->progress.terminal ? "\r\033[K" : "", row->name, failure, row->elements, row->threads,
          row->threads == 1 ? "" : "s");
  row->status = ROW_FAILED;
  row->verified = false;
  for (size_t i = 0; i < plan->count; i++)
    if (plan->row[i].impl == row->impl && plan->row[i].status != ROW_SKIPPED)
      plan->row[i].status = ROW_FAILED, plan->row[i].verified = false;
}

/* A cell's proof is opened for the first of its rows that has times. */
static void prove_at_size(struct timing *timing, struct proof_at_size *proof, struct cell *cell, struct row *row) {
  char failure[PROOF_AT_SIZE_SENTENCE];
  if (!row_has_time(row)) return;
  if (!proof->cell && !proof_at_size_open(proof, cell, timing->run->options.seed)) return no_memory(timing, row);
  if (!proof->has_copy)
    environment_warn(&timing->run->environment, "guarded_copy",
                     "Some rows were not called once more on memory whose ends are guarded",
                     "The system refused as much memory again as their numbers take",
                     "Free memory, or raise this process's limits");
  row->proved_at_size = proof_at_size_of(proof, row->impl, row->time.median * row->elements * 1e-9, failure);
  if (timing->closed_by == row->impl) {
    row->proved_at_size = false;
    snprintf(failure, sizeof failure, "it closed or replaced the open descriptor %d, which is not its own",
             timing->closed);
  }
  if (!row->proved_at_size) failed_at_size(timing, row, failure);
}

static bool is_waiting(const struct row *row) { return row->selected && row->status == ROW_PLANNED; }

/* Opens what has to be measured of a cell's rows; returns how many. */
static size_t open_turns(struct timing *timing, struct turn *turns, struct row *rows, size_t count, struct cell *cell) {
  enum { ROUNDS = 8 };
  size_t open = 0;
  for (size_t i = 0; i < count && !interrupt_came(); i++) {
    struct turn *turn = &turns[open];
    if (!is_waiting(&rows[i])) continue;
    *turn = (struct turn){.row = &rows[i]};
    if (!open_sampler(timing, &turn->sampler, cell, turn->row)) {
      no_memory(timing, turn->row);
      continue;
    }
    turn->wanted = samples_wanted(timing, turn->row, turn->sampler.turn_seconds);
    turn->chunk = (turn->wanted + ROUNDS - 1) / ROUNDS;
    open++;
  }
  return open;
}

/* How many rows, from the first of a cell on, belong to it. */
static size_t rows_of_cell(const struct plan *plan, size_t first) {
  size_t count = 1;
  while (first + count < plan->count && plan->row[first + count].cell == plan->row[first].cell) count++;
  return count;
}

/* The cell of row `first`, which is its first. */
static void time_cell(struct timing *timing, size_t first) {
  struct row *rows = &timing->run->plan.row[first];
  const size_t count = rows_of_cell(&timing->run->plan, first);
  struct cell cell;
  struct turn *turns = calloc(count, sizeof *turns);
  if (!turns || !open_cell(timing, &rows[0], &cell)) {
    for (size_t i = 0; i < count; i++)
      if (is_waiting(&rows[i])) no_memory(timing, &rows[i]);
    free(turns);
    return;
  }
  const size_t open = open_turns(timing, turns, rows, count, &cell);
  take_rounds(timing, turns, open);
  struct proof_at_size proof = {0};
  for (size_t i = 0; i < open; i++) {
    finish_turn(timing, &turns[i]);
    prove_at_size(timing, &proof, &cell, turns[i].row);
    sampler_close(&turns[i].sampler);
    timing->work_done += seconds_wanted(timing, turns[i].row);
  }
  proof_at_size_close(&proof);
  cell_close(&cell);
  free(turns);
}

/* ---- what Google Benchmark calls -------------------------------------------------------------------------------- */

/* The row's samples were taken with its cell's; Google Benchmark is told what they took. */
static void time_at_our_pace(gbench_state *state, struct timing *timing, struct row *row) {
  const struct plan *plan = &timing->run->plan;
  size_t first = (size_t)(row - plan->row);
  while (first > 0 && plan->row[first - 1].cell == row->cell) first--;
  if (row->status == ROW_PLANNED) time_cell(timing, first);
  if (row->status == ROW_FAILED) return gbench_skip(state, "not proved at size");
  if (!row_has_time(row)) return gbench_skip(state, interrupt_came() ? "interrupted" : "no memory");
  while (gbench_next(state)) gbench_set_seconds(state, row->seconds);
}

/* Google Benchmark counts the samples, and calls several times to find out how many it wants. */
static void time_at_its_pace(gbench_state *state, struct timing *timing, struct row *row) {
  struct cell cell;
  struct sampler sampler;
  if (!open_cell(timing, row, &cell)) return no_memory(timing, row), gbench_skip(state, "no memory");
  if (!open_sampler(timing, &sampler, &cell, row)) {
    cell_close(&cell);
    return no_memory(timing, row), gbench_skip(state, "no memory");
  }
  while (gbench_next(state)) {
    const double before = sampler.seconds;
    const size_t count = sampler.count;
    if (!take_samples(timing, &sampler, 1) || sampler.count == count) {
      gbench_skip(state, interrupt_came() ? "interrupted" : "no memory");
      break;
    }
    gbench_set_seconds(state, sampler.seconds - before);
  }
  struct proof_at_size proof = {0};
  if (!interrupt_came() && sampler.count) sampler_finish(&sampler, row);
  prove_at_size(timing, &proof, &cell, row);
  if (row->status == ROW_FAILED) gbench_skip(state, "not proved at size");
  proof_at_size_close(&proof);
  sampler_close(&sampler);
  cell_close(&cell);
}

static void time_row(gbench_state *state, void *context) {
  const struct job *job = context;
  struct timing *timing = job->timing;
  struct row *row = job->row;
  if (timing->choosing) return row->selected = true, gbench_skip(state, "not yet");
  if (!row->verified) return gbench_skip(state, "not proved");
  if (interrupt_came()) return gbench_skip(state, "interrupted");
  progress_show(&timing->progress, (size_t)(row - timing->run->plan.row), share_done(timing), row->name);
  if (timing->run->options.own_pace)
    time_at_its_pace(state, timing, row);
  else
    time_at_our_pace(state, timing, row);
}

/* ---- the whole -------------------------------------------------------------------------------------------------- */

/* A row is timed with its cell, so that it must be known beforehand which rows are chosen. */
static int run_registered(struct timing *timing, struct job *jobs) {
  const struct run *run = timing->run;
  struct plan *plan = &timing->run->plan;
  for (size_t i = 0; i < plan->count; i++) {
    jobs[i] = (struct job){timing, &plan->row[i]};
    if (!gbench_register(plan->row[i].name, time_row, &jobs[i], run->options.own_pace ? 0 : 1)) return -1;
  }
  timing->choosing = true;
  if (gbench_choose() < 0) return -1;
  timing->choosing = false;
  for (size_t i = 0; i < plan->count; i++)
    if (is_waiting(&plan->row[i])) timing->work += seconds_wanted(timing, &plan->row[i]);
  progress_begin(&timing->progress, "timed", plan->count);
  const int matched = gbench_run(run->options.own_output);
  progress_end(&timing->progress);
  return matched;
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

int timing_run(struct run *run) {
  struct timing timing = {.run = run,
                          .settings = {.library = run->library,
                                       .sample_seconds = run->plan.profile->sample_seconds,
                                       .delay = run->options.test_delay_percent / 100,
                                       .limits = !run->plan.profile->brief,
                                       .ceilings = &run->ceilings}};
  turns_begin(&run->options.turns);
  struct environment_ticks before;
  const bool ticks = environment_ticks_read(&(struct environment_source){.root = ""}, &before);
  struct job *jobs = calloc(run->plan.count, sizeof *jobs);
  const int matched = jobs ? run_registered(&timing, jobs) : -1;
  free(jobs);
  if (ticks) warn_of_steal(&run->environment, &before);
  for (size_t i = 0; i < run->plan.count; i++)
    if (run->plan.row[i].status == ROW_PLANNED) run->plan.row[i].status = ROW_SKIPPED;
  return matched;
}
