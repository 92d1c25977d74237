#include "run/prove.h"

#include <math.h>
#include <stdio.h>

#include "cli.h"
#include "run/interrupt.h"
#include "run/progress.h"
#include "verify/verify.h"

static bool has_row(const struct plan *plan, const gm_impl *impl) {
  for (size_t i = 0; i < plan->count; i++)
    if (plan->row[i].impl == impl) return true;
  return false;
}

static void record(struct plan *plan, const gm_impl *impl, const struct verdict *verdict) {
  for (size_t i = 0; i < plan->count; i++) {
    struct row *row = &plan->row[i];
    if (row->impl != impl) continue;
    row->verified = verdict->passed;
    row->max_ulp = verdict->passed ? fmax(verdict->max_ulp, verdict->result_ulp) : NAN;
    if (!verdict->passed) row->status = ROW_FAILED;
  }
}

int prove_all(struct run *run) {
  struct verifier *verifier = verifier_open(run->options.seed);
  if (!verifier) return cli_fail("no memory for the proof's arrays"), -1;
  struct progress progress;
  int failed = 0;
  size_t count = 0, done = 0;
  for (size_t i = 0; i < run->selection.count; i++) count += has_row(&run->plan, run->selection.impl[i]);
  progress_begin(&progress, "proved", count);
  for (size_t i = 0; i < run->selection.count && !interrupt_came(); i++) {
    const gm_impl *impl = run->selection.impl[i];
    if (!has_row(&run->plan, impl)) continue;
    progress_show(&progress, done, (double)done / (double)count, impl->name);
    done++;
    const struct verdict verdict = verifier_prove(verifier, impl);
    record(&run->plan, impl, &verdict);
    if (verdict.passed) continue;
    failed++;
    fprintf(stderr, "%s%s FAILED its proof and is not timed: %s\n", progress.terminal ? "\r\033[K" : "", impl->name,
            verdict.failure);
  }
  progress_end(&progress);
  verifier_close(verifier);
  return failed;
}
