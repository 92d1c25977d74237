#include "run/report.h"

#include <stdio.h>

#include "run/findings.h"
#include "run/sweep_table.h"
#include "run/table.h"
#include "run/warnings.h"
#include "terminal/text.h"

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
  char sentence[240];
  if (!plan->left_out_count) return;
  snprintf(sentence, sizeof sentence,
           "%zu rows, for which %g s are not enough: --budget gives more time, --filter or --level chooses among them.",
           plan->left_out_count, plan->budget_seconds);
  putchar('\n');
  struct paragraph paragraph = paragraph_begin("Left out:", 10);
  paragraph_say(&paragraph, sentence);
  paragraph_end(&paragraph);
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
  char sentence[80];
  if (!run->failed) return;
  putchar('\n');
  struct paragraph paragraph = paragraph_begin("Failed:", 10);
  snprintf(sentence, sizeof sentence, "%d implementation%s did not pass %s proof%s:", run->failed, one ? "" : "s",
           one ? "its" : "their", one ? "" : "s");
  paragraph_say(&paragraph, sentence);
  for (size_t i = 0, named = 0; i < selection->count; i++) {
    if (!has_failed(&run->plan, selection->impl[i])) continue;
    if (named++) paragraph_attach(&paragraph, ",");
    paragraph_say(&paragraph, selection->impl[i]->name);
  }
  paragraph_attach(&paragraph, ".");
  paragraph_end(&paragraph);
}

void report_rows(const struct run *run) {
  const struct plan *plan = &run->plan;
  const bool brief = plan->profile->brief;
  if (plan->level_rows) table_print(plan->row, plan->level_rows, !brief);
  if (plan->count > plan->level_rows)
    sweep_table_print(&plan->row[plan->level_rows], plan->count - plan->level_rows, &run->machine);
  if (plan->level_rows && !brief) findings_print(run);
  report_failed(run);
  report_left_out(plan);
  if (run->environment.warnings > run->warned) putchar('\n');
  print_warnings(&run->environment, run->warned);
}
