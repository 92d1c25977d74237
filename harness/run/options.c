#include "run/options.h"

#include <stdio.h>
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

/* What Google Benchmark's own arguments change for us. Of a wrong format it would show its usage and exit with 0; its
 * file it would begin anew in each round, so that the file is ours. */
static bool look_at_benchmark_arguments(struct options *o, int *argc, char **argv) {
  int kept = 1;
  for (int i = 1; i < *argc; i++) {
    const char *format = strstr(argv[i], "_format="), *file = value_of(argv[i], "--benchmark_out");
    if (format && !select_in_list("console,json,csv", format + 8))
      return cli_fail("'%s': the format must be console, json or csv", argv[i]), false;
    o->own_pace |= is(argv[i], "--benchmark_min_time");
    o->own_output |= is(argv[i], "--benchmark_format") || is(argv[i], "--benchmark_list_tests");
    if (is(argv[i], "--benchmark_list_tests"))
      o->only_lists =
          strcmp(argv[i], "--benchmark_list_tests") == 0 || strcmp(argv[i], "--benchmark_list_tests=true") == 0;
    if (file)
      o->benchmark_out = file;
    else if (value_of(argv[i], "--benchmark_out_format"))
      o->benchmark_out_format = value_of(argv[i], "--benchmark_out_format");
    else
      argv[kept++] = argv[i];
  }
  argv[ *argc = kept] = NULL;
  return true;
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
       "also a ladder of working sets, 4 KiB to past the last cache: of adamw (quick),\n"
       "                               the headline ops (default), all (full), or what --filter or --isa selects",
       NULL, &o->sweep},
      {"o", "FILE", "write the result to this new file", &o->output, NULL},
      {"placement", "NAME", "staggered (default), or aligned: all streams in the same cache sets", &texts.placement,
       NULL},
      {"pages", "NAME", "huge (default) or small", &texts.pages, NULL},
      {"plugin", "FILE", "also the implementations of this shared object", &o->plugins, NULL},
      {"proved", "FILE",
       "time what this program proved here when it wrote this result file, and prove\n"
       "                               only what it did not, and the calls at size",
       &o->proved, NULL},
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
  if (!look_at_benchmark_arguments(o, argc, argv)) return false;
  if (!gbench_initialize(argc, argv)) return cli_fail("Google Benchmark does not know '%s'", argv[1]), false;
  return read_texts(o, &texts);
}
