#include "run/report.h"

#include <stdio.h>

#include "terminal/text.h"

/* ---- warnings --------------------------------------------------------------------------------------------------- */

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

void warn_before(struct run *run) {
  warn_of_delay(run);
  warn_of_dram(run);
  if (run->plan.sweep_shortened)
    environment_warn(&run->environment, "sweep_shortened", "The sweep ends before twice the last cache",
                     "A quarter of the available memory is all that is taken",
                     "Free memory, or raise the container's limit");
}

void warn_after(struct run *run) {
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

/* ---- the whole -------------------------------------------------------------------------------------------------- */

void report_head(struct run *run) {
  const struct machine *m = &run->machine;
  const struct plan *plan = &run->plan;
  char l1[32], l2[32], l3[32];
  printf("%s, %u core%s%s\n", *m->processor.name ? m->processor.name : "unknown processor", m->cores,
         m->cores == 1 ? "" : "s", m->hypervisor == MACHINE_YES ? " (virtual machine)" : "");
  printf("L1 %s, L2 %s, L3 %s; %zu rows", bytes_text((double)m->cache[0].bytes, l1, sizeof l1),
         bytes_text((double)m->cache[1].bytes, l2, sizeof l2), bytes_text((double)m->cache[2].bytes, l3, sizeof l3),
         plan->level_rows);
  if (plan->sweep) printf(" and %zu of a sweep", plan->count - plan->level_rows);
  if (plan->budget_seconds > 0) printf(", as many as %g s are enough for", plan->budget_seconds);
  printf(", %s profile\n", plan->profile->name);
  if (!plan->profile->brief) {
    print_warnings(&run->environment, 0);
  } else {
    if (run->observed)
      printf("%zu warning%s about this machine: gradmark info\n", run->observed, run->observed == 1 ? "" : "s");
    print_warnings(&run->environment, run->observed);
  }
  run->warned = run->environment.warnings;
  fflush(stdout);
}

/* The result file names them all. */
static void report_left_out(const struct plan *plan) {
  struct paragraph text = {"Left out:", 10, 0};
  if (!plan->left_out_count) return;
  putchar('\n');
  paragraph_say(
      &text,
      "%zu rows, for which %g s are not enough: --budget gives more time, --filter or --level chooses among them.",
      plan->left_out_count, plan->budget_seconds);
  paragraph_end(&text);
}

static bool has_failed(const struct plan *plan, const gm_impl *impl) {
  for (size_t i = 0; i < plan->count; i++)
    if (plan->row[i].impl == impl && plan->row[i].status == ROW_FAILED) return true;
  return false;
}

/* By name; what was wrong was said when it was found. */
static void report_failed(const struct run *run) {
  const struct selection *selection = &run->selection;
  const bool one = run->failed == 1;
  struct paragraph text = {"Failed:", 10, 0};
  if (!run->failed) return;
  putchar('\n');
  paragraph_say(&text, "%d implementation%s did not pass %s proof%s:", run->failed, one ? "" : "s",
                one ? "its" : "their", one ? "" : "s");
  for (size_t i = 0, named = 0; i < selection->count; i++) {
    if (!has_failed(&run->plan, selection->impl[i])) continue;
    if (named++) paragraph_attach(&text, ",");
    paragraph_say(&text, "%s", selection->impl[i]->name);
  }
  paragraph_attach(&text, ".");
  paragraph_end(&text);
}

void report_rows(const struct run *run) {
  const struct plan *plan = &run->plan;
  const bool brief = plan->profile->brief;
  if (plan->level_rows) print_table(plan->row, plan->level_rows, !brief);
  if (plan->count > plan->level_rows)
    print_sweep(&plan->row[plan->level_rows], plan->count - plan->level_rows, &run->machine);
  if (plan->level_rows && !brief) print_findings(run);
  report_failed(run);
  report_left_out(plan);
  if (run->environment.warnings > run->warned) putchar('\n');
  print_warnings(&run->environment, run->warned);
}
