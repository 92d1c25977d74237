#include "run/prove.h"

#include <math.h>
#include <stdio.h>

#include "cli.h"
#include "machine/clock.h"
#include "run/verified.h"
#include "terminal/interrupt.h"
#include "terminal/progress.h"

/* Of a budget; what is not proved by then is, one by one, as far as there is time for its rows. */
static const double SHARE_OF_BUDGET = 0.5;
enum { VERIFIED_FIRST = 1 }; /* the rank up to which */

static bool is_waiting(const struct row *row, const gm_impl *impl, bool whole) {
  return row->impl == impl && row->selected && row->status == ROW_PLANNED && !row->verified &&
         (whole || row->rank <= VERIFIED_FIRST);
}

static bool has_row(const struct plan *plan, const gm_impl *impl) {
  const bool whole = plan->budget_seconds <= 0;
  for (size_t i = 0; i < plan->count; i++)
    if (is_waiting(&plan->row[i], impl, whole)) return true;
  return false;
}

static void record(struct plan *plan, const gm_impl *impl, const struct verdict *verdict) {
  for (size_t i = 0; i < plan->count; i++) {
    struct row *row = &plan->row[i];
    if (row->impl != impl || row->status != ROW_PLANNED) continue;
    row->verified = verdict->passed;
    if (verdict->impossible) snprintf(row->why_not, sizeof row->why_not, "%.119s", verdict->failure);
    row->max_ulp = verdict->passed ? fmax(verdict->max_ulp, verdict->result_ulp) : NAN;
    if (!verdict->passed) row->status = verdict->impossible ? ROW_SKIPPED : ROW_FAILED;
  }
}

bool prove_one(struct run *run, const gm_impl *impl) {
  const struct verdict verdict = verifier_prove(run->verifier, impl);
  record(&run->plan, impl, &verdict);
  if (verdict.passed) return true;
  run->failed += !verdict.impossible;
  fprintf(stderr, "%s%s %s and is not timed: %s\n", progress_clear(), impl->name,
          verdict.impossible ? "cannot be proved here" : "FAILED its proof", verdict.failure);
  return false;
}

static bool is_late(const struct run *run) {
  const double budget = run->plan.budget_seconds;
  return budget > 0 && clock_seconds() - run->began > SHARE_OF_BUDGET * budget;
}

bool prove_all(struct run *run) {
  struct progress progress;
  size_t count = 0, done = 0, proved = 0;
  run->verifier = verifier_open(run->options.seed);
  if (!run->verifier) return cli_fail("no memory for the proof's arrays"), false;
  verifier_know(run->verifier, run->library);
  if (run->options.verified && !verified_read(run, run->options.verified)) return false;
  for (size_t i = 0; i < run->selection.count; i++) count += has_row(&run->plan, run->selection.impl[i]);
  progress_begin(&progress, "verified", count);
  for (size_t i = 0; i < run->selection.count && !interrupt_came() && !is_late(run); i++) {
    const gm_impl *impl = run->selection.impl[i];
    if (!has_row(&run->plan, impl)) continue;
    progress_show(&progress, done, (double)done / (double)count, impl->name);
    done++;
    proved += prove_one(run, impl);
  }
  progress.total = proved;
  progress_end(&progress, "verified");
  return true;
}
