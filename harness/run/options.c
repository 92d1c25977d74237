#include "run/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "gbench.h"
#include "select.h"

/* Arguments that are looked at again once all are read. */
struct texts {
  const char *profile, *placement, *pages, *seed, *budget, *delay, *turns;
};

static bool one_of(const char *option, const char *text, const char *first, const char *second, bool *is_second) {
  if (!text || strcmp(text, first) == 0) return *is_second = false, true;
  if (strcmp(text, second) == 0) return *is_second = true, true;
  cli_fail("--%s is '%s'; it must be %s or %s", option, text, first, second);
  return false;
}

static bool read_texts(struct options *o, const struct texts *texts) {
  bool aligned, small;
  o->profile = profile_named(texts->profile ? texts->profile : "default");
  if (!o->profile)
    return cli_fail("unknown profile '%s'; known are quick, default, full, compare", texts->profile), false;
  if (!one_of("placement", texts->placement, "staggered", "aligned", &aligned)) return false;
  if (!one_of("pages", texts->pages, "huge", "small", &small)) return false;
  o->arena.placement = aligned ? PLACEMENT_ALIGNED : PLACEMENT_STAGGERED;
  o->arena.pages = small ? PAGES_SMALL : PAGES_HUGE;
  if (texts->delay && !cli_share("test-delay", texts->delay, 100, &o->test_delay_percent)) return false;
  if (texts->budget && !cli_share("budget", texts->budget, 1e6, &o->budget)) return false;
  if (texts->turns && !turns_read(&o->turns, texts->turns)) return false;
  return cli_seed(texts->seed, &o->seed);
}

/* The value of `--name=value`; NULL if it is another. */
static const char *value_of(const char *argument, const char *name) {
  const size_t length = strlen(name);
  return strncmp(argument, name, length) == 0 && argument[length] == '=' ? argument + length + 1 : NULL;
}

static bool is(const char *argument, const char *name) { return strncmp(argument, name, strlen(name)) == 0; }

/* A number of seconds, with or without the unit; newer versions also take a number of iterations, "100x". */
static bool is_pace(const char *text) {
  const char *name = "benchmark_min_time";
  const double most_seconds = 1e6;
  const long most_iterations = 1000000000;
  char number[64];
  double seconds;
  long iterations;
  const size_t length = (size_t)snprintf(number, sizeof number, "%s", text);
  const char unit = length > 0 && length < sizeof number ? text[length - 1] : '\0';
  if (unit == 's' || unit == 'x') number[length - 1] = '\0';
  return unit == 'x' ? cli_number(name, number, 1, most_iterations, &iterations)
                     : cli_share(name, number, most_seconds, &seconds);
}

/* A number of seconds; 0 is none. */
static bool is_warm_up(const char *text) {
  const double most_seconds = 1e6;
  char *end;
  const double seconds = strtod(text, &end);
  const bool is_decimal = text[strspn(text, "+0123456789.eE-")] == '\0';
  if (end != text && *end == '\0' && is_decimal && seconds >= 0 && seconds <= most_seconds) return true;
  cli_fail("--benchmark_min_warmup_time is '%s'; it must be a number between 0 and %g", text, most_seconds);
  return false;
}

static bool is_one_of(const char *argument, const char *value, const char *list) {
  if (select_in_list(list, value)) return true;
  cli_fail("'%s': it must be one of %s", argument, list);
  return false;
}

/* Of other values Google Benchmark would run nothing, or without an end, or show its usage and exit with 0. */
static bool is_sound(const char *argument) {
  const long most_repetitions = 1000000;
  const char *value;
  long repetitions;
  if ((value = value_of(argument, "--benchmark_format")) || (value = value_of(argument, "--benchmark_out_format")))
    return is_one_of(argument, value, "console,json,csv");
  if ((value = value_of(argument, "--benchmark_time_unit"))) return is_one_of(argument, value, "ns,us,ms,s");
  if ((value = value_of(argument, "--benchmark_list_tests"))) return is_one_of(argument, value, "true,false");
  if ((value = value_of(argument, "--benchmark_min_time"))) return is_pace(value);
  if ((value = value_of(argument, "--benchmark_min_warmup_time"))) return is_warm_up(value);
  if ((value = value_of(argument, "--benchmark_repetitions")))
    return cli_number("benchmark_repetitions", value, 1, most_repetitions, &repetitions);
  return true;
}

/* What Google Benchmark's own arguments change for us. Its file it would begin anew in each round, so that the file is
 * ours. */
static bool take_benchmark_arguments(struct options *o, int *argc, char **argv) {
  int kept = 1;
  for (int i = 1; i < *argc; i++) {
    const char *file = value_of(argv[i], "--benchmark_out"), *format = value_of(argv[i], "--benchmark_out_format");
    if (!is_sound(argv[i])) return false;
    o->own_pace |= is(argv[i], "--benchmark_min_time");
    o->own_output |= is(argv[i], "--benchmark_format") || is(argv[i], "--benchmark_list_tests");
    if (is(argv[i], "--benchmark_list_tests")) o->only_lists = strcmp(argv[i], "--benchmark_list_tests=false") != 0;
    if (file)
      o->benchmark_out = file;
    else if (format)
      o->benchmark_out_format = format;
    else
      argv[kept++] = argv[i];
  }
  argv[ *argc = kept] = NULL;
  return true;
}

static bool check_files(const struct options *o) {
  if (!o->output || !o->benchmark_out || strcmp(o->output, o->benchmark_out) != 0) return true;
  cli_fail("-o and --benchmark_out are both '%s'", o->output);
  return false;
}

bool options_read(struct options *o, int *argc, char **argv, int *status) {
  struct texts texts = {0};
  *o = (struct options){0};
  const struct cli_option options[] = {
      {"filter", "RE", "only implementations whose name (op/dtype/impl) matches", &o->filter, NULL},
      {"isa", "LIST", "only these ISAs, separated by commas", &o->isa, NULL},
      {"level", "LIST", "of L1,L2,L3,DRAM, or none (default: the profile's)", &o->level, NULL},
      {"threads", "LIST", "thread counts, or all (default: the profile's)", &o->threads, NULL},
      {"profile", "NAME", "quick (a minute), default (five; this one), full (hours), compare", &texts.profile, NULL},
      {"sweep", NULL,
       "also rising working sets, 4 KiB to past the last cache: of adamw (quick),\n"
       "                               the headline ops (default), all (full), or what --filter or --isa selects",
       NULL, &o->sweep},
      {"o", "FILE", "write the result to this new file", &o->output, NULL},
      {"placement", "NAME", "staggered (default), or aligned: all streams in the same cache sets", &texts.placement,
       NULL},
      {"pages", "NAME", "huge (default) or small", &texts.pages, NULL},
      {"plugin", "FILE", "also the implementations of this shared object", &o->plugins, NULL},
      {"verified", "FILE",
       "time what this program proved here when it wrote this result file, and prove\n"
       "                               only what it did not, and the calls at size",
       &o->verified, NULL},
      {"budget", "SECONDS",
       "how long it may take, proofs included: what does not fit is left out and listed\n"
       "                               (default: the profile's; none where rows are chosen)",
       &texts.budget, NULL},
      {"seed", "N", "seed of the proof's random data and of the rounds' orders", &texts.seed, NULL},
      {"test-delay", "PERCENT", "for testing comparisons: makes every time this much longer than it is", &texts.delay,
       NULL},
      {"turns", "IN,OUT,GROUP", "for scripts/compare: takes turns with other processes, through these pipes",
       &texts.turns, NULL},
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
  if (!take_benchmark_arguments(o, argc, argv)) return false;
  if (!gbench_initialize(argc, argv)) return cli_fail("Google Benchmark does not know '%s'", argv[1]), false;
  return read_texts(o, &texts) && check_files(o);
}
