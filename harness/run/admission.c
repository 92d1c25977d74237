#include "run/admission.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "guardian.h"
#include "machine/clock.h"
#include "reference_shape.h"
#include "run/report.h"
#include "run/verified.h"
#include "terminal/interrupt.h"
#include "terminal/text.h"

/* ---- what a row will take --------------------------------------------------------------------------------------- */

/* Seconds, as measured: of the probes around a visit on several threads, and of what else a visit takes beside its
 * samples; of the proof at size, per byte of a group and again of each of its rows, and per row; of what comes after.
 */
static const double PROBES = 0.006, VISIT = 100e-6, PROOF_PER_BYTE = 1.5e-9, PROOF_OF_ROW = 0.002,
                    FILL_PER_BYTE = 0.5e-9, OUTPUT = 1, SHARE_OF_OUTPUT = 0.01;
enum { CALLS_OF_PROOF = 2 };
static const double CARE = 1.05; /* a little more of all */

static size_t samples_of_visit(const struct profile *profile, const struct row *row, const struct sampler *sampler) {
  const double seconds = row->sweep ? profile->sweep_visit_seconds : profile->visit_seconds;
  const double wanted = seconds / (sampler->kernel_seconds + sampler->limit_seconds);
  const size_t least = row->sweep ? 1 : profile->least_samples, most = profile->most_samples;
  return wanted < (double)least ? least : wanted > (double)most ? most : (size_t)wanted;
}

static double seconds_of(const struct entry *entry, const struct profile *profile, bool first_of_group) {
  const struct sampler *sampler = &entry->sampler;
  const double of_limits = (sampler_is_long(sampler) ? 1 : (double)entry->samples) * sampler->limit_seconds;
  const double visit = VISIT + sampler->call_seconds + (double)entry->samples * sampler->kernel_seconds + of_limits +
                       (entry->row->threads > 1 ? PROBES : 0);
  /* Groups within caches are filled in each round, shared ones, where there are several nodes, at each visit. */
  const struct group *group = entry->group;
  const bool filled = group->shared ? group->memory->several_nodes : first_of_group;
  const double fill = filled ? FILL_PER_BYTE * group->working_set : 0;
  return (double)profile->rounds * (visit + fill) +
         (first_of_group ? 2 : 1) * PROOF_PER_BYTE * entry->group->working_set + PROOF_OF_ROW +
         CALLS_OF_PROOF * sampler->call_seconds;
}

/* What rows of a level on some threads took before, so that none is opened in vain. */
struct costs {
  double most[LEVELS][2][2]; /* by threads, and whether it is a product of matrices */
  double promised;
};

static double *expected(struct costs *costs, const struct row *row) {
  return &costs->most[row->level][row->threads > 1][row->impl->op->shape == GM_MATRIX];
}

double admission_seconds_left(const struct run *run) {
  const double budget = run->plan.budget_seconds;
  return budget > 0 ? (1 - SHARE_OF_OUTPUT) * budget - OUTPUT - (clock_seconds() - run->began) : INFINITY;
}

static bool fits(const struct run *run, const struct costs *costs, double more) {
  return CARE * (costs->promised + more) <= admission_seconds_left(run);
}

/* ---- opening ---------------------------------------------------------------------------------------------------- */

void admission_no_memory(struct run *run, struct row *row) {
  char set[32], what[ENVIRONMENT_SENTENCE];
  row->status = ROW_SKIPPED;
  bytes_text(row->working_set_wanted, set, sizeof set);
  snprintf(row->why_not, sizeof row->why_not, "no memory for %s", set);
  fprintf(stderr, "%s%s is not timed: no memory for %s\n", progress_clear(), row->name, set);
  snprintf(what, sizeof what, "Rows such as %s were not timed: no memory for %s", row->name, set);
  environment_warn(&run->environment, "no_memory", what, "The system refused the memory although it seemed available",
                   "Free memory, or raise this process's limits");
}

void admission_failed(struct run *run, const struct entry *entry, const char *failure) {
  struct plan *plan = &run->plan;
  const struct row *row = entry->row;
  run->failed++;
  fprintf(stderr, "%s%s FAILED its proof at size and is not shown: %s (%.0f elements; %d thread%s)\n", progress_clear(),
          row->name, failure, entry->group->elements, row->threads, row->threads == 1 ? "" : "s");
  for (size_t i = 0; i < plan->count; i++)
    if (plan->row[i].impl == row->impl && plan->row[i].status != ROW_SKIPPED)
      plan->row[i].status = ROW_FAILED, plan->row[i].verified = false;
}

/* Of each thread; false where it was not. */
static bool put_right(int threads) {
  int altered = 0;
#pragma omp parallel num_threads(threads) reduction(+ : altered) if (threads > 1)
  if (!state_arithmetic_is_usual()) {
    state_arithmetic_make_usual();
    altered++;
  }
  return altered == 0;
}

void admission_before(struct admission *a, const struct entry *entry) {
  state_remember(&a->descriptors);
  guardian_name(entry->row->impl->name);
  guardian_mark(0, FOREIGN_TIMED);
}

void admission_after(struct admission *a, struct entry *entry) {
  guardian_mark(0, FOREIGN_NONE);
  if (!put_right(entry->group->threads)) entry->altered = true;
  const int changed = state_put_back(&a->descriptors);
  if (changed >= 0) entry->closed = changed;
}

/* Sets beyond a core's own caches share their memory. */
static bool is_shared(const struct row *row) { return row->level > LEVEL_L2; }

static struct group *open_group(struct admission *a, const struct row *row) {
  struct run *run = a->run;
  struct group *group = &a->group[row->group];
  if (group->op) return group;
  if (!group_open(group, row->impl->op, row->working_set_wanted, row->threads, &run->machine, &a->memory,
                  is_shared(row))) {
    *group = (struct group){0};
    return NULL;
  }
  if (!group->bound)
    environment_warn(&run->environment, "binding", "The threads of some rows were not bound to cores of their own",
                     "The system, or an OpenMP variable, does not let this process place its threads",
                     "Unset the OMP_ variables, and run where sched_setaffinity is allowed");
  return group;
}

/* Adds an entry at the end; false where the row cannot be timed, or does not fit. */
static bool open_entry(struct admission *a, struct row *row, struct costs *costs) {
  const struct profile *profile = a->run->plan.profile;
  struct entry *entry = &a->entry[a->entries];
  const bool first_of_group = !a->group[row->group].op;
  *entry = (struct entry){.row = row, .group = open_group(a, row), .closed = -1};
  if (!entry->group) return admission_no_memory(a->run, row), false;
  group_visit(entry->group, &a->run->machine);
  admission_before(a, entry);
  const bool opened = sampler_open(&entry->sampler, &a->settings, entry->group, row->impl);
  admission_after(a, entry);
  if (entry->sampler.failure[0]) return admission_failed(a->run, entry, entry->sampler.failure), false;
  if (!opened) return admission_no_memory(a->run, row), false;
  entry->samples = samples_of_visit(profile, row, &entry->sampler);
  const double seconds = seconds_of(entry, profile, first_of_group);
  *expected(costs, row) = fmax(*expected(costs, row), seconds);
  if (!fits(a->run, costs, seconds)) {
    sampler_close(&entry->sampler);
    if (first_of_group) group_close(entry->group);
    row->status = ROW_LEFT_OUT;
    return false;
  }
  costs->promised += seconds;
  a->entries++;
  return true;
}

/* ---- in order --------------------------------------------------------------------------------------------------- */

static bool is_waiting(const struct row *row) { return row->selected && row->status == ROW_PLANNED; }

static int most_rank(const struct plan *plan) {
  int most = 0;
  for (size_t i = 0; i < plan->count; i++) most = plan->row[i].rank > most ? plan->row[i].rank : most;
  return most;
}

static void open_rank(struct admission *a, int rank, struct costs *costs, struct progress *progress) {
  struct plan *plan = &a->run->plan;
  for (size_t i = 0; i < plan->count && !interrupt_came(); i++) {
    struct row *row = &plan->row[i];
    if (row->rank != rank || !is_waiting(row)) continue;
    progress_show(progress, a->entries, 0, row->name);
    if (!fits(a->run, costs, *expected(costs, row)))
      row->status = ROW_LEFT_OUT;
    else if (row->verified || prove_one(a->run, row->impl))
      open_entry(a, row, costs);
  }
}

/* Rows move when others are left out. */
static bool leave_out(struct admission *a) {
  struct plan *plan = &a->run->plan;
  size_t *kept = calloc(plan->count + 1, sizeof *kept); /* before each */
  if (!kept) return false;
  for (size_t i = 0; i < plan->count; i++) kept[i + 1] = kept[i] + (plan->row[i].status != ROW_LEFT_OUT);
  for (size_t i = 0; i < a->entries; i++) a->entry[i].row = &plan->row[kept[a->entry[i].row - plan->row]];
  free(kept);
  return plan_leave_out(plan);
}

bool admission_open(struct admission *a, struct run *run) {
  struct plan *plan = &run->plan;
  struct costs costs = {.promised = 0};
  struct progress progress;
  *a = (struct admission){.run = run,
                          .settings = {.library = run->library,
                                       .sample_seconds = plan->profile->sample_seconds,
                                       .delay = run->options.test_delay_percent / 100,
                                       .limits = !plan->profile->brief,
                                       .ceilings = &run->ceilings},
                          .groups = plan->groups,
                          .group = calloc(plan->groups, sizeof *a->group),
                          .entry = calloc(plan->count, sizeof *a->entry)};
  if (!a->group || !a->entry) return false;
  group_memory_open(&a->memory, &run->machine, &run->options.arena);
  for (size_t i = 0; i < plan->count; i++) {
    const struct row *row = &plan->row[i];
    if (!is_waiting(row) || !is_shared(row)) continue;
    const gm_op *op = gm_plain(row->impl->op);
    const gm_frame frame = reference_frame(op, row->working_set_wanted);
    group_memory_expect(&a->memory, op, &frame);
  }
  progress_begin(&progress, "prepared", plan->count);
  for (int rank = 0; rank <= most_rank(plan); rank++) open_rank(a, rank, &costs, &progress);
  progress.total = a->entries;
  progress_end(&progress, "prepared");
  return leave_out(a);
}

void admission_close(struct admission *a) {
  for (size_t i = 0; i < a->entries; i++) sampler_close(&a->entry[i].sampler);
  for (size_t i = 0; a->group && i < a->groups; i++) group_close(&a->group[i]);
  group_memory_close(&a->memory);
  free(a->group);
  free(a->entry);
}
