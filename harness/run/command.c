/* gradmark run: proves what it is about to time, times it beside its twin, says what it found, writes the result. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "gbench.h"
#include "machine/clock.h"
#include "results/circumstance.h"
#include "run/admission.h"
#include "run/report.h"
#include "run/result_file.h"
#include "run/run.h"
#include "run/timing.h"
#include "run/verified.h"
#include "team.h"
#include "terminal/interrupt.h"
#include "verify/verify.h"

static bool is_proved(const struct plan *plan, const gm_impl *impl) {
  for (size_t i = 0; i < plan->count; i++)
    if (plan->row[i].impl == impl) return plan->row[i].verified;
  return false;
}

static void measure_threads_cost(struct run *run) {
  const int most = plan_most_threads(&run->plan);
  const gm_impl *best = NULL;
  for (size_t i = 0; i < run->selection.count; i++) {
    const gm_impl *impl = run->selection.impl[i];
    if (impl->op->shape != GM_ELEMENTWISE || impl->fast || impl->plugin || !is_proved(&run->plan, impl)) continue;
    if (!best || impl->op == best->op || strcmp(impl->op->name, "adamw") == 0) best = impl;
  }
  if (best && most > 1 && !interrupt_came())
    run->threads_cost = threads_cost_measure(best, &run->machine, most, &run->options.arena);
}

static void set_speedups(struct plan *plan) {
  for (size_t first = 0, end; first < plan->count; first = end) {
    const struct row *scalar = NULL, *autovec = NULL;
    for (end = first; end < plan->count && plan->row[end].group == plan->row[first].group; end++) {
      const struct row *row = &plan->row[end];
      if (row_has_time(row) && strcmp(row->impl->impl, "scalar") == 0) scalar = row;
      if (row_has_time(row) && strcmp(row->impl->impl, "autovec") == 0) autovec = row;
    }
    for (struct row *row = &plan->row[first]; row < &plan->row[end]; row++) {
      if (scalar && row_has_time(row)) row->scalar = row_ratio(scalar, row);
      if (autovec && row_has_time(row)) row->autovec = row_ratio(autovec, row);
    }
  }
}

/* What -o and --benchmark_out name; closed where not given. */
struct files {
  struct whole_file result, benchmark;
};

static bool write_benchmark_file(struct files *files) {
  size_t bytes;
  const char *text = gbench_text(&bytes);
  return whole_file_finish(&files->benchmark, text, bytes);
}

static int finish(struct run *run, struct result *result, struct files *files) {
  const struct options *options = &run->options;
  set_speedups(&run->plan);
  warn_after(run);
  if (!options->own_output) report_rows(run);
  fflush(stdout);
  result->partial = interrupt_came();
  circumstance_time(result->finished);
  if (options->benchmark_out && !write_benchmark_file(files)) return EXIT_USAGE;
  if (options->output) {
    if (!result_write(result, &files->result)) return EXIT_USAGE;
    fprintf(options->own_output ? stderr : stdout, "\n%s written%s\n", options->output,
            result->partial ? " with the rows that were finished" : "");
  }
  if (result->partial) {
    cli_fail("interrupted%s", options->output ? "; what was finished is written, marked as partial" : "");
    return EXIT_STOPPED;
  }
  return run->failed ? EXIT_FAILED : EXIT_FINE;
}

static int run_all(struct run *run, struct result *result, struct files *files) {
  if (!run->options.own_output) report_head(run);
  const int matched = timing_choose(run);
  if (matched < 0) return cli_fail("the timings could not be run");
  if (matched == 0) return cli_fail("--benchmark_filter matches none of the %zu rows", run->plan.count);
  if (!run->options.only_lists && !prove_all(run)) return EXIT_USAGE;
  machine_bind(&run->machine, 0);
  measure_threads_cost(run);
  if (!timing_run(run)) return cli_fail("the timings could not be run");
  if (!run->options.only_lists && !run->plan.count)
    return cli_fail("%g seconds are not enough for a single row: give a longer --budget", run->plan.budget_seconds);
  return finish(run, result, files);
}

/* Of the rows and of their proofs. */
static int most_threads(const struct plan *plan) {
  const int most = thread_list_most(&plan->threads);
  return most > VERIFY_MOST_THREADS ? most : VERIFY_MOST_THREADS;
}

static bool prepare(struct run *run) {
  const struct options *options = &run->options;
  if (!select_impls(run->library, options->filter, options->isa, true, &run->selection)) return false;
  if (!machine_open(&run->machine)) return cli_fail("no memory for the machine's topology"), false;
  environment_observe(&run->environment, &(struct environment_source){.root = ""}, &run->machine);
  run->observed = run->environment.warnings;
  if (run->environment.emulated)
    return cli_fail("this runs under %s: times of an emulator say nothing, so none are taken (verify works)",
                    run->environment.emulator),
           false;
  run->options.arena.cache_span = machine_cache_span(&run->machine);
  const struct plan_config config = {.levels = options->level,
                                     .threads = options->threads,
                                     .sweep = options->sweep,
                                     .budget = options->budget,
                                     .selection_given = options->filter || options->isa};
  if (!plan_make(&run->plan, &run->selection, &run->machine, options->profile, &config)) return false;
  warn_before(run);
  const char *why_not = team_why_not(most_threads(&run->plan));
  return !why_not || (cli_fail("%s", why_not), false);
}

/* What is there already stays. */
static bool open_files(struct files *files, const struct options *options) {
  if (options->output && !whole_file_open(&files->result, options->output)) return false;
  if (options->benchmark_out && !whole_file_open(&files->benchmark, options->benchmark_out)) return false;
  if (gbench_open(options->own_output, options->benchmark_out != NULL, options->benchmark_out_format)) return true;
  return cli_fail("no memory for what Google Benchmark shows"), false;
}

static int open_and_run(struct run *run, int argc, char **argv) {
  struct files files = {.result = {.descriptor = -1}, .benchmark = {.descriptor = -1}};
  struct result result = {.run = run, .argc = argc, .argv = argv, .isa_rule = getenv("GRADMARK_ISA")};
  circumstance_time(result.started);
  const int loaded = select_plugins(run->library, run->options.plugins);
  if (loaded != EXIT_FINE) return loaded;
  int status = EXIT_USAGE;
  if (prepare(run) && open_files(&files, &run->options)) {
    interrupt_listen();
    status = run_all(run, &result, &files);
  }
  whole_file_abandon(&files.benchmark); /* nothing to do for one that is finished */
  whole_file_abandon(&files.result);
  return status;
}

static void run_close(struct run *run) {
  verifier_close(run->verifier);
  placement_log_free(&run->placement);
  ceilings_free(&run->ceilings);
  plan_free(&run->plan);
  select_free(&run->selection);
  machine_close(&run->machine);
  gm_close(run->library);
  free(run);
}

int command_run(int argc, char **argv) {
  struct run *run = calloc(1, sizeof *run);
  char **given = calloc((size_t)argc + 1, sizeof *given); /* options_read takes out of argv what it knows */
  int status = EXIT_USAGE;
  if (run) run->began = clock_seconds();
  if (!run || !given) {
    cli_fail("no memory");
  } else {
    const int given_count = argc;
    memcpy(given, argv, (size_t)argc * sizeof *given);
    if (options_read(&run->options, &argc, argv, &status)) {
      status = EXIT_USAGE;
      if ((run->library = cli_open_library())) status = open_and_run(run, given_count, given);
    }
  }
  if (run) run_close(run);
  free(given);
  return status;
}
