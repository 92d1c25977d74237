#include "run/warnings.h"

#include <stdio.h>

#include "run/table.h"
#include "terminal/text.h"

static void warn_of_dram(struct run *run) {
  const struct plan *plan = &run->plan;
  for (size_t i = 0; i < plan->level_rows; i++) {
    const struct row *row = &plan->row[i];
    if (row->level != LEVEL_DRAM) continue;
    if (!level_working_set(&run->machine, LEVEL_DRAM, row->threads, plan->profile->dram_factor).shrunk) continue;
    char what[ENVIRONMENT_SENTENCE], set[32];
    snprintf(what, sizeof what, "The DRAM working set was shrunk to %s%s",
             bytes_text(row->working_set_wanted, set, sizeof set),
             row->border ? ", which is too near the last cache to be scored" : "");
    environment_warn(&run->environment, "dram_set", what, "A quarter of the available memory is all that is taken",
                     "Free memory, or raise the container's limit");
    return;
  }
}

/* Afterwards again, with what came of it. */
static void warn_of_delay(struct run *run) {
  char what[ENVIRONMENT_SENTENCE], cause[ENVIRONMENT_SENTENCE];
  double seconds = 0, waited = 0;
  if (run->options.test_delay_percent <= 0) return;
  for (size_t i = 0; i < run->plan.count; i++) seconds += run->plan.row[i].seconds, waited += run->plan.row[i].waited;
  snprintf(what, sizeof what, "These times are slowed on purpose by %g%%", run->options.test_delay_percent);
  const int used = snprintf(cause, sizeof cause, "--test-delay was given, which is for testing comparisons");
  if (waited > 0)
    snprintf(cause + used, sizeof cause - (size_t)used, ": %.4g of %.4g timed seconds were waited", waited, seconds);
  environment_warn(&run->environment, "test_delay", what, cause, "Leave it out for times that are to be believed");
}

void warnings_before(struct run *run) {
  warn_of_delay(run);
  warn_of_dram(run);
  if (run->plan.sweep_shortened)
    environment_warn(&run->environment, "sweep_shortened", "The sweep ends before twice the last cache",
                     "A quarter of the available memory is all that is taken",
                     "Free memory, or raise the container's limit");
}

void warnings_after(struct run *run) {
  warn_of_delay(run);
  size_t over = 0, unbelievable = 0;
  const struct row *worst = NULL;
  for (size_t i = 0; i < run->plan.count; i++) {
    const struct row *row = &run->plan.row[i];
    if (row->status != ROW_MEASURED || !row_is_too_good(row)) continue;
    over++;
    unbelievable += !row_is_believable(row);
    if (!worst || row->attainable.value > worst->attainable.value) worst = row;
  }
  if (!over) return;
  char what[ENVIRONMENT_SENTENCE];
  const int used = snprintf(
      what, sizeof what, "%zu of %zu rows came out above 103%% of attainable, with all of their interval, %s at %.0f%%",
      over, run->plan.count, worst->name, worst->attainable.value);
  if (unbelievable)
    snprintf(what + used, sizeof what - (size_t)used, "; %zu above 150%%, from which nothing is concluded",
             unbelievable);
  environment_warn(&run->environment, "ceiling", what, "This is a fault of gradmark's model of the limit",
                   "Run scripts/limits, which says what of it is wrong here, and report that");
}
