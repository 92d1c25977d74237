/* gradmark run: proves what it is about to time, times it beside its twin, says what it found, writes the result. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "gbench.h"
#include "machine/clock.h"
#include "results/result_file.h"
#include "run/cell.h"
#include "run/findings.h"
#include "run/interrupt.h"
#include "run/plan.h"
#include "run/progress.h"
#include "run/sampler.h"
#include "run/table.h"
#include "run/threads_cost.h"
#include "run/words.h"
#include "select.h"
#include "verify/verify.h"

struct options {
  const char *filter, *isa, *level, *threads, *profile, *output, *placement, *pages, *plugins, *seed;
};

struct run {
  struct options options;
  gm_library *library;
  struct selection selection;
  struct machine machine;
  struct environment environment;
  struct plan plan;
  struct arena_settings arena;
  struct threads_cost threads_cost;
  struct progress progress;
  struct cell cell; /* the one that is open, shared by consecutive rows */
  bool cell_is_open;
  size_t warned; /* how many of the environment's warnings were printed at the start */
  uint64_t seed;
  bool own_pace;   /* --benchmark_min_time: Google Benchmark decides how many samples */
  bool own_output; /* --benchmark_format, --benchmark_list_tests: it prints, too */
};

/* ---- proof ------------------------------------------------------------------------------------------------------ */

static void record_verdict(struct run *run, const gm_impl *impl, const struct verdict *verdict) {
  for (size_t i = 0; i < run->plan.count; i++) {
    struct row *row = &run->plan.row[i];
    if (row->impl != impl) continue;
    row->verified = verdict->passed;
    row->max_ulp = verdict->passed ? fmax(verdict->max_ulp, verdict->result_ulp) : NAN;
    if (!verdict->passed) row->status = ROW_FAILED;
  }
}

/* Proves every implementation of the plan; returns how many failed, -1 without memory. */
static int prove_all(struct run *run) {
  struct verifier *verifier = verifier_open(run->seed);
  if (!verifier) return cli_fail("no memory for the proof's arrays"), -1;
  struct progress progress;
  int failed = 0;
  progress_begin(&progress, "proved", run->selection.count);
  for (size_t i = 0; i < run->selection.count && !interrupt_came(); i++) {
    const gm_impl *impl = run->selection.impl[i];
    progress_show(&progress, i, impl->name);
    const struct verdict verdict = verifier_prove(verifier, impl);
    record_verdict(run, impl, &verdict);
    if (verdict.passed) continue;
    failed++;
    fprintf(stderr, "%s%s FAILED its proof and is not timed: %s\n", progress.terminal ? "\r\033[K" : "", impl->name,
            verdict.failure);
  }
  progress_end(&progress);
  verifier_close(verifier);
  return failed;
}

/* ---- timing ----------------------------------------------------------------------------------------------------- */

struct job {
  struct run *run;
  struct row *row;
};

static bool open_cell(struct run *run, const struct row *row) {
  if (run->cell_is_open && run->cell.op == row->impl->op && run->cell.level == row->level &&
      run->cell.threads == row->threads)
    return true;
  if (run->cell_is_open) cell_close(&run->cell);
  run->cell_is_open =
      cell_open(&run->cell, row->impl->op, row->working_set_wanted, row->threads, &run->machine, &run->arena);
  run->cell.level = row->level;
  if (run->cell_is_open && !run->cell.bound)
    environment_warn(&run->environment, "binding", "The threads of some rows were not bound to cores of their own",
                     "The system, or an OpenMP variable, does not let this process place its threads",
                     "Unset the OMP_ variables, and run where sched_setaffinity is allowed");
  return run->cell_is_open;
}

static size_t samples_for(const struct profile *profile, double pair_seconds) {
  const double wanted = profile->seconds_per_row / pair_seconds;
  if (wanted < (double)profile->least_samples) return profile->least_samples;
  return wanted > (double)profile->most_samples ? profile->most_samples : (size_t)wanted;
}

/* Takes the row's samples; `paced` says that Google Benchmark counts them. False if it was interrupted. */
static bool take_samples(struct job *job, gbench_state *state, bool paced, struct sampler *sampler,
                         double pair_seconds) {
  const size_t wanted = samples_for(job->run->plan.profile, pair_seconds);
  while (gbench_next(state)) {
    double seconds = 0;
    const size_t target = paced ? sampler->count + 1 : wanted;
    while (sampler->count < target) {
      if (interrupt_came()) return gbench_skip(state, "interrupted"), false;
      const double one = sampler_take(sampler);
      if (one <= 0) return gbench_skip(state, "no memory"), false;
      seconds += one;
    }
    gbench_set_seconds(state, seconds);
  }
  return true;
}

static void no_memory(struct run *run, struct row *row) {
  char set[32], what[ENVIRONMENT_SENTENCE];
  row->status = ROW_SKIPPED;
  table_bytes(row->working_set_wanted, set, sizeof set);
  fprintf(stderr, "%s%s is not timed: no memory for %s\n", run->progress.terminal ? "\r\033[K" : "", row->name, set);
  snprintf(what, sizeof what, "Rows such as %s were not timed: no memory for %s", row->name, set);
  environment_warn(&run->environment, "no_memory", what, "The system refused the memory although it seemed available",
                   "Free memory, or raise this process's limits");
}

/* More than this of what is attainable means that the limit was disturbed: the row is taken once more. */
static const double TOO_GOOD = 103;

static void time_row(gbench_state *state, void *context) {
  struct job *job = context;
  struct run *run = job->run;
  struct row *row = job->row;
  if (row->status == ROW_FAILED) return gbench_skip(state, "failed its proof");
  if (interrupt_came()) return gbench_skip(state, "interrupted");
  progress_show(&run->progress, (size_t)(row - run->plan.row), row->name);
  struct sampler sampler;
  double pair_seconds;
  const bool first_of_cell = !run->cell_is_open || run->cell.op != row->impl->op;
  if (!open_cell(run, row) ||
      !sampler_open(&sampler, run->library, &run->cell, row->impl, run->machine.cores, first_of_cell ? 0.03 : 0.003,
                    run->plan.profile->sample_seconds, &pair_seconds)) {
    return no_memory(run, row), gbench_skip(state, "no memory");
  }
  if (take_samples(job, state, run->own_pace, &sampler, pair_seconds)) {
    sampler_finish(&sampler, row);
    if (row_has_time(row) && row_attainable_percent(row) > TOO_GOOD && !run->own_pace) {
      const size_t again = sampler.count;
      for (sampler.count = 0; sampler.count < again && !interrupt_came();)
        if (sampler_take(&sampler) <= 0) break;
      if (sampler.count == again) sampler_finish(&sampler, row);
      row->remeasured = true;
    }
  }
  sampler_close(&sampler);
}

static bool register_rows(struct run *run, struct job *jobs) {
  for (size_t i = 0; i < run->plan.count; i++) {
    jobs[i] = (struct job){run, &run->plan.row[i]};
    if (!gbench_register(run->plan.row[i].name, time_row, &jobs[i], run->own_pace ? 0 : 1)) return false;
  }
  return true;
}

static const struct row *same_but(const struct run *run, const struct row *row, const char *impl) {
  for (size_t i = 0; i < run->plan.count; i++) {
    const struct row *other = &run->plan.row[i];
    if (other->impl->op == row->impl->op && other->level == row->level && other->threads == row->threads &&
        strcmp(other->impl->impl, impl) == 0 && row_has_time(other))
      return other;
  }
  return NULL;
}

static void set_speedups(struct run *run) {
  for (size_t i = 0; i < run->plan.count; i++) {
    struct row *row = &run->plan.row[i];
    if (!row_has_time(row)) continue;
    const struct row *scalar = same_but(run, row, "scalar"), *autovec = same_but(run, row, "autovec");
    if (scalar) row->scalar = scalar->time.median / row->time.median;
    if (autovec) row->autovec = autovec->time.median / row->time.median;
  }
}

static void warn_of_ceilings(struct run *run) {
  size_t over = 0;
  const struct row *worst = NULL;
  for (size_t i = 0; i < run->plan.count; i++) {
    const struct row *row = &run->plan.row[i];
    if (row->status != ROW_MEASURED || row_attainable_percent(row) <= TOO_GOOD) continue;
    over++;
    if (!worst || row_attainable_percent(row) > row_attainable_percent(worst)) worst = row;
  }
  if (!over) return;
  char what[ENVIRONMENT_SENTENCE];
  snprintf(what, sizeof what, "%zu of %zu rows came out above what was measured as attainable, %s at %.0f%%", over,
           run->plan.count, worst->name, row_attainable_percent(worst));
  environment_warn(&run->environment, "ceiling", what,
                   "Their limit was under-measured: something slowed the twin or the core's loops down, twice",
                   "Repeat the run on a quieter machine, and read these rows as 100%");
}

static void warn_of_memory(struct run *run) {
  for (size_t i = 0; i < run->plan.count; i++) {
    const struct row *row = &run->plan.row[i];
    if (row->level != LEVEL_DRAM) continue;
    if (!level_working_set(&run->machine, LEVEL_DRAM, row->threads, run->plan.profile->dram_factor).shrunk) continue;
    char what[ENVIRONMENT_SENTENCE], set[32];
    snprintf(what, sizeof what, "The DRAM working set was shrunk to %s%s",
             table_bytes(row->working_set_wanted, set, sizeof set),
             row->border ? ", which is too near the last cache to be scored" : "");
    environment_warn(&run->environment, "dram_set", what, "A quarter of the available memory is all that is taken",
                     "Free memory, or raise the container's limit");
    return;
  }
}

/* ---- the command ------------------------------------------------------------------------------------------------ */

static void utc_now(char text[32]) {
  const time_t now = time(NULL);
  struct tm tm;
  gmtime_r(&now, &tm);
  strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static bool parse(struct run *run, int *argc, char **argv, int *status) {
  struct options *o = &run->options;
  const struct cli_option options[] = {
      {"filter", "RE", "only implementations whose name (op/dtype/impl) matches", &o->filter, NULL},
      {"isa", "LIST", "only these ISAs, separated by commas", &o->isa, NULL},
      {"level", "LIST", "of L1,L2,L3,DRAM (default: the profile's)", &o->level, NULL},
      {"threads", "LIST", "thread counts, or all (default: the profile's)", &o->threads, NULL},
      {"profile", "NAME", "quick (L2 and DRAM, under a minute), default, full", &o->profile, NULL},
      {"o", "FILE", "write the result to this new file", &o->output, NULL},
      {"placement", "NAME", "staggered (default), or aligned: all streams in the same cache sets", &o->placement, NULL},
      {"pages", "NAME", "huge (default) or small", &o->pages, NULL},
      {"plugin", "FILE", "also the implementations of this shared object", &o->plugins, NULL},
      {"seed", "N", "seed of the proof's random data", &o->seed, NULL},
      {0},
  };
  *status = EXIT_USAGE;
  switch (
      cli_parse(argc, argv, "gradmark run [OPTION...] [--benchmark_...]",
                "Proves the implementations that can run here, times each beside its twin (the same streams without\n"
                "the arithmetic), and says how close each comes to what this machine can attain. Google Benchmark's\n"
                "own flags pass through. Exit 0; 1 if a proof failed; 2 for a wrong command; 130 if interrupted.",
                options, "--benchmark_")) {
    case CLI_HELP_SHOWN: *status = EXIT_FINE; return false;
    case CLI_WRONG: return false;
    case CLI_GO_ON: break;
  }
  for (int i = 1; i < *argc; i++) {
    const char *format = strstr(argv[i], "_format="); /* Google Benchmark would show its own usage and exit with 0 */
    if (format && !select_in_list("console,json,csv", format + 8))
      return cli_fail("'%s': the format must be console, json or csv", argv[i]), false;
    run->own_pace |= strncmp(argv[i], "--benchmark_min_time", 20) == 0;
    run->own_output |=
        strncmp(argv[i], "--benchmark_format", 18) == 0 || strncmp(argv[i], "--benchmark_list_tests", 22) == 0;
  }
  if (!gbench_initialize(argc, argv)) return cli_fail("Google Benchmark does not know '%s'", argv[1]), false;
  return true;
}

static bool one_of(const char *option, const char *text, const char *first, const char *second, bool *is_second) {
  if (!text || strcmp(text, first) == 0) return *is_second = false, true;
  if (strcmp(text, second) == 0) return *is_second = true, true;
  cli_fail("--%s is '%s'; it must be %s or %s", option, text, first, second);
  return false;
}

static bool prepare_settings(struct run *run, const struct profile **profile) {
  const struct options *o = &run->options;
  bool aligned, small;
  *profile = profile_named(o->profile ? o->profile : "default");
  if (!*profile) return cli_fail("unknown profile '%s'; known are quick, default, full", o->profile), false;
  if (!one_of("placement", o->placement, "staggered", "aligned", &aligned)) return false;
  if (!one_of("pages", o->pages, "huge", "small", &small)) return false;
  run->arena.placement = aligned ? PLACEMENT_ALIGNED : PLACEMENT_STAGGERED;
  run->arena.pages = small ? PAGES_SMALL : PAGES_HUGE;
  run->seed = (uint64_t)time(NULL);
  if (o->seed) {
    char *rest;
    run->seed = strtoull(o->seed, &rest, 0);
    if (!*o->seed || *rest || *o->seed == '-')
      return cli_fail("--seed is '%s'; it must be a whole number", o->seed), false;
  }
  return true;
}

/* Bytes after which the private L2 uses the same sets again. */
static size_t cache_span(const struct machine *machine) {
  const struct machine_cache *l2 = &machine->cache[1];
  return l2->bytes && l2->ways ? l2->bytes / l2->ways : 128 << 10;
}

/* Those from the `first` on. */
static void print_warnings(const struct run *run, size_t first) {
  for (size_t i = first; i < run->environment.warnings; i++) {
    const struct environment_warning *w = &run->environment.warning[i];
    char sentences[3 * ENVIRONMENT_SENTENCE + 8];
    snprintf(sentences, sizeof sentences, "%s. %s. %s.", w->what, w->cause, w->cure);
    struct words words = words_begin("warning:", 9);
    words_say(&words, sentences);
    words_end(&words);
  }
}

static void print_head(const struct run *run) {
  const struct machine *m = &run->machine;
  char l1[32], l2[32], l3[32];
  printf("%s, %u core%s%s\n", *m->processor.name ? m->processor.name : "unknown processor", m->cores,
         m->cores == 1 ? "" : "s", m->hypervisor == MACHINE_YES ? " (virtual machine)" : "");
  printf("L1 %s, L2 %s, L3 %s; %zu rows, %s profile\n", table_bytes((double)m->cache[0].bytes, l1, sizeof l1),
         table_bytes((double)m->cache[1].bytes, l2, sizeof l2), table_bytes((double)m->cache[2].bytes, l3, sizeof l3),
         run->plan.count, run->plan.profile->name);
  print_warnings(run, 0);
  fflush(stdout);
}

static bool is_proved(const struct run *run, const gm_impl *impl) {
  for (size_t i = 0; i < run->plan.count; i++)
    if (run->plan.row[i].impl == impl) return run->plan.row[i].verified;
  return false;
}

static void measure_threads_cost(struct run *run) {
  int most = 1;
  for (int i = 0; i < run->plan.thread_counts; i++) most = run->plan.threads[i] > most ? run->plan.threads[i] : most;
  const gm_impl *best = NULL;
  for (size_t i = 0; i < run->selection.count; i++) {
    const gm_impl *impl = run->selection.impl[i];
    if (impl->op->shape != GM_ELEMENTWISE || impl->fast || impl->plugin || !is_proved(run, impl)) continue;
    if (!best || impl->op == best->op || strcmp(impl->op->name, "adamw") == 0) best = impl;
  }
  if (best && most > 1 && !interrupt_came())
    run->threads_cost = threads_cost_measure(best, &run->machine, most, &run->arena);
}

/* Times everything; returns the number of rows that Google Benchmark's filter left, -1 on an error. */
static int time_all(struct run *run) {
  struct job *jobs = calloc(run->plan.count, sizeof *jobs);
  if (!jobs || !register_rows(run, jobs)) {
    free(jobs);
    return -1;
  }
  struct environment_ticks before, after;
  const bool ticks = environment_ticks_read(&(struct environment_source){.root = ""}, &before);
  progress_begin(&run->progress, "timed", run->plan.count);
  const int matched = gbench_run(run->own_output);
  progress_end(&run->progress);
  if (ticks && environment_ticks_read(&(struct environment_source){.root = ""}, &after)) {
    const double steal = environment_steal_percent(&before, &after);
    char what[ENVIRONMENT_SENTENCE];
    snprintf(what, sizeof what, "The hypervisor gave %.1f%% of the processors' time to others during the timings",
             steal);
    if (steal > 1)
      environment_warn(&run->environment, "steal_in_run", what, "This virtual machine shares its cores",
                       "Repeat the run, or use a machine of its own");
  }
  if (run->cell_is_open) cell_close(&run->cell);
  run->cell_is_open = false;
  free(jobs);
  for (size_t i = 0; i < run->plan.count; i++)
    if (run->plan.row[i].status == ROW_PLANNED) run->plan.row[i].status = ROW_SKIPPED;
  return matched;
}

static int report(struct run *run, struct result *result, struct whole_file *file, int failed) {
  set_speedups(run);
  warn_of_ceilings(run);
  if (!run->own_output) {
    table_print(run->plan.row, run->plan.count);
    findings_print(run->plan.row, run->plan.count, &run->threads_cost);
    if (run->environment.warnings > run->warned) putchar('\n');
    print_warnings(run, run->warned);
  }
  fflush(stdout);
  result->partial = interrupt_came();
  utc_now(result->finished);
  result->threads_cost = &run->threads_cost;
  if (file) {
    if (!result_write(result, file)) return EXIT_USAGE;
    fprintf(run->own_output ? stderr : stdout, "\n%s written%s\n", run->options.output,
            result->partial ? " with the rows that were finished" : "");
  }
  if (result->partial) {
    cli_fail("interrupted%s", file ? "; what was finished is written, marked as partial" : "");
    return EXIT_STOPPED;
  }
  return failed ? EXIT_FAILED : EXIT_FINE;
}

static int run_all(struct run *run, struct result *result, struct whole_file *file) {
  if (!run->own_output) print_head(run);
  run->warned = run->environment.warnings;
  const int failed = prove_all(run);
  if (failed < 0) return EXIT_USAGE;
  machine_bind(&run->machine, 0);
  measure_threads_cost(run);
  const int matched = time_all(run);
  if (matched < 0) return cli_fail("the timings could not be run");
  if (matched == 0) return cli_fail("--benchmark_filter matches none of the %zu rows", run->plan.count);
  return report(run, result, file, failed);
}

static int open_and_run(struct run *run, int argc, char **argv, const struct profile *profile) {
  struct whole_file file;
  const char *output = run->options.output;
  struct result result = {.argc = argc, .argv = argv};
  utc_now(result.started);
  if (!select_plugins(run->library, run->options.plugins) ||
      !select_impls(run->library, run->options.filter, run->options.isa, true, &run->selection))
    return EXIT_USAGE;
  if (!machine_open(&run->machine)) return cli_fail("no memory for the machine's topology");
  environment_observe(&run->environment, &(struct environment_source){.root = ""}, &run->machine);
  if (run->environment.emulated)
    return cli_fail("this runs under %s: times of an emulator say nothing, so none are taken (verify works)",
                    run->environment.emulator);
  run->arena.cache_span = cache_span(&run->machine);
  if (!plan_make(&run->plan, &run->selection, &run->machine, profile, run->options.level, run->options.threads))
    return EXIT_USAGE;
  warn_of_memory(run);
  if (output && !whole_file_open(&file, output)) return EXIT_USAGE;
  result.machine = &run->machine;
  result.environment = &run->environment;
  result.plan = &run->plan;
  result.library = run->library;
  result.arena = run->arena;
  result.seed = run->seed;
  result.filter = run->options.filter, result.isa = run->options.isa, result.plugins = run->options.plugins;
  result.isa_rule = getenv("GRADMARK_ISA");
  interrupt_listen();
  const int status = run_all(run, &result, output ? &file : NULL);
  if (output && status == EXIT_USAGE) whole_file_abandon(&file);
  return status;
}

int command_run(int argc, char **argv) {
  struct run *run = calloc(1, sizeof *run);
  char **given = calloc((size_t)argc + 1, sizeof *given);
  const struct profile *profile;
  int status = EXIT_USAGE;
  if (!run || !given) {
    cli_fail("no memory");
  } else {
    const int given_count = argc;
    memcpy(given, argv, (size_t)argc * sizeof *given);
    if (parse(run, &argc, argv, &status)) {
      status = EXIT_USAGE;
      if (prepare_settings(run, &profile) && (run->library = cli_open_library()))
        status = open_and_run(run, given_count, given, profile);
    }
    plan_free(&run->plan);
    select_free(&run->selection);
    machine_close(&run->machine);
    gm_close(run->library);
  }
  free(given);
  free(run);
  return status;
}
