/* gradmark limits: are the limits true? Checks that share nothing with how they are found. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "machine/clock.h"
#include "machine/environment.h"
#include "machine/limit.h"
#include "measure/group.h"
#include "measure/levels.h"
#include "measure/sampler.h"
#include "select.h"
#include "terminal/interrupt.h"
#include "terminal/text.h"

static const double LOOPS_WITHIN = 0.05, TWIN_AT_MOST = 1.03;

struct check {
  gm_library *library;
  struct machine machine;
  struct selection selection;
  long checked, wrong;
  long missed; /* could not be checked, for want of memory or of a level */
};

__attribute__((format(printf, 2, 3))) static void check_wrong(struct check *check, const char *format, ...) {
  char sentence[GM_NAME_SIZE + 240];
  va_list args;
  va_start(args, format);
  vsnprintf(sentence, sizeof sentence, format, args);
  va_end(args);
  paragraph_print("  WRONG:", 9, sentence);
  check->wrong++;
}

/* ---- peaks ------------------------------------------------------------------------------------------------------ */

typedef void loop(size_t turns, float *page);

static double time_loop(loop *run, size_t turns, float *page) {
  const double start = clock_seconds();
  run(turns, page);
  return clock_seconds() - start;
}

/* Seconds per turn of up to three loops, if less than before: the fastest of many short goes by turns, which is what a
 * core does undisturbed. */
static void time_loops(loop *const *run, int count, float *page, double *seconds) {
  enum { GOES = 60 };
  const double least = 50e-6;
  size_t turns = 256;
  while (time_loop(run[0], turns, page) < least && turns < (size_t)1 << 30) turns *= 2;
  for (int go = 0; go < GOES; go++)
    for (int i = 0; i < count; i++) seconds[i] = fmin(seconds[i], time_loop(run[i], turns, page) / (double)turns);
}

/* A rate for people: of multiply-adds in Gflop/s, of loads and stores in GB/s, of the rest in billions of floats. */
static const char *rate_description(enum core_kind kind, double vectors_per_second, int width, char *text,
                                    size_t size) {
  const double floats = 1e-9 * vectors_per_second * width;
  if (kind == CORE_FMA)
    snprintf(text, size, "%.1f Gflop/s", 2 * floats);
  else if (kind == CORE_LOAD || kind == CORE_STORE)
    snprintf(text, size, "%.0f GB/s", 4 * floats);
  else
    snprintf(text, size, "%.2f G/s", floats);
  return text;
}

static bool agree(const double *seconds, int count) {
  for (int i = 1; i < count; i++)
    if (fabs(seconds[0] / seconds[i] - 1) > LOOPS_WITHIN) return false;
  return true;
}

/* Who shares the core's front end slows down what is long for it, for a second at most: a little later it is asked
 * again.
 */
static void check_kind(struct check *check, const char *isa, enum core_kind kind, float *page) {
  static const char *const names[CORE_KINDS] = {"multiply-add", "divide", "sqrt", "maximum", "load", "store"};
  const core_loops *loops = core_loops_of(isa);
  const assembly *straight = assembly_of(isa);
  loop *const run[] = {loops->run[kind], straight->independent[kind], straight->chained[kind]};
  const int count = straight->chained[kind] ? 3 : 2;
  enum { TRIES = 5 };
  const struct timespec later = {.tv_nsec = 400000000};
  double seconds[3], of_turn[3] = {INFINITY, INFINITY, INFINITY};
  char text[3][32] = {"", "", "-"};
  for (int try = 0; try == 0 || (try < TRIES && !agree(seconds, count) && !interrupt_came()); try++) {
    if (try > 0) nanosleep(&later, NULL);
    time_loops(run, count, page, of_turn);
    for (int i = 0; i < count; i++)
      seconds[i] = of_turn[i] / (kind == CORE_FMA && i > 0 ? ASSEMBLY_FMA_CHAINS : core_each(kind));
  }
  for (int i = 0; i < count; i++) rate_description(kind, 1 / seconds[i], loops->width, text[i], sizeof *text);
  printf("  %-8s %-14s %16s %16s %16s\n", isa, names[kind], text[0], text[1], text[2]);
  for (int i = 1; i < count; i++) {
    const double ratio = seconds[0] / seconds[i];
    check->checked++;
    if (fabs(ratio - 1) <= LOOPS_WITHIN) continue;
    check_wrong(check, "the %s loop of %s takes %.2f times as long as %s instructions in straight assembly: %s",
                names[kind], isa, ratio, i == 1 ? "independent" : "chained",
                ratio > 1 ? "the compiler added to it, or it has too few chains." : "the compiler dropped some of it.");
  }
}

static bool is_selected(const struct check *check, const char *isa) {
  for (size_t i = 0; i < check->selection.count; i++)
    if (strcmp(check->selection.impl[i]->impl, isa) == 0) return true;
  return false;
}

static void check_peaks(struct check *check) {
  float page[CORE_PAGE_FLOATS] __attribute__((aligned(64)));
  for (int i = 0; i < CORE_PAGE_FLOATS; i++) page[i] = 0.5f + 0.37f * (float)i / CORE_PAGE_FLOATS;
  puts("\nOne core, one kind of instruction at a time");
  printf("  %-8s %-14s %16s %16s %16s\n", "", "", "gradmark's loop", "assembly", "in chains");
  for (size_t i = 0; i < gm_isa_count(check->library) && !interrupt_came(); i++) {
    const gm_isa *isa = gm_isa_at(check->library, i);
    if (!isa->compiled || !isa->supported || !assembly_of(isa->name) || !is_selected(check, isa->name)) continue;
    for (int kind = 0; kind < CORE_KINDS; kind++) check_kind(check, isa->name, (enum core_kind)kind, page);
  }
}

/* ---- twins ------------------------------------------------------------------------------------------------------ */

/* By the estimator of a row. */
static double ratio_of(const struct sampler *s, enum sampled which) {
  return lower_quartile(s->taken[which], s->limit_count) / lower_quartile(s->taken[SAMPLED_KERNEL], s->count);
}

/* A twin that is disturbed is taken again, and must be right once. */
static void check_row(struct check *check, struct group *group, const gm_impl *impl, int level,
                      const struct sampler_settings *settings, double worst[2]) {
  enum { TRIES = 5, SAMPLES = 9 };
  double ratio[2] = {INFINITY, INFINITY};
  for (int try = 0; try < TRIES && (ratio[0] > TWIN_AT_MOST || ratio[1] > TWIN_AT_MOST) && !interrupt_came(); try++) {
    struct sampler sampler;
    if (!sampler_open(&sampler, settings, group, impl)) {
      check->missed++;
      return;
    }
    bool taken = true;
    for (int i = 0; taken && i < SAMPLES; i++) taken = sampler_begin(&sampler, (size_t)i) && sampler_take(&sampler);
    if (taken)
      for (int i = 0; i < 2; i++) ratio[i] = fmin(ratio[i], ratio_of(&sampler, (enum sampled)(SAMPLED_TWIN + i)));
    sampler_close(&sampler);
  }
  for (int i = 0; i < 2; i++) {
    if (isinf(ratio[i])) continue;
    check->checked++;
    if (ratio[i] > worst[i]) worst[i] = ratio[i];
    if (ratio[i] <= TWIN_AT_MOST) continue;
    check_wrong(check, "the %s of %s takes %.2f times as long as its kernel in %s.", i ? "core twin" : "twin",
                impl->name, ratio[i], level_names[level]);
  }
}

static void close_group(struct group *group, struct group_memory *memory) {
  group_close(group);
  group_memory_close(memory);
}

static void check_level(struct check *check, int level) {
  const struct working_set set = level_working_set(&check->machine, level, 1, 2);
  if (set.bytes <= 0) return;
  struct ceilings ceilings = {0};
  const struct arena_settings arena = {.cache_span = machine_cache_span(&check->machine)};
  const struct sampler_settings settings = {
      .library = check->library, .sample_seconds = 100e-6, .limits = true, .ceilings = &ceilings};
  double worst[2] = {0, 0};
  const struct selection *chosen = &check->selection;
  struct group group = {0};
  struct group_memory memory;
  const gm_op *open = NULL;
  const long before = check->checked;
  for (size_t i = 0; i < chosen->count && !interrupt_came(); i++) {
    const gm_impl *impl = chosen->impl[i];
    /* A compiler's vectors and somebody else's code are held against other kernels' twins. */
    if (impl->plugin || strcmp(impl->impl, "autovec") == 0) continue;
    if (impl->op != open) {
      if (open) close_group(&group, &memory);
      group_memory_open(&memory, &check->machine, &arena);
      open = impl->op;
      if (!group_open(&group, impl->op, set.bytes, 1, &check->machine, &memory, false)) {
        close_group(&group, &memory);
        open = NULL;
      }
    }
    if (!open) {
      check->missed++;
      continue;
    }
    check_row(check, &group, impl, level, &settings, worst);
  }
  if (open) close_group(&group, &memory);
  ceilings_free(&ceilings);
  printf(
      "  %-5s %ld twins beside their kernels; the slowest takes %.2f of its kernel's time, the slowest core twin "
      "%.2f\n",
      level_names[level], check->checked - before, worst[0], worst[1]);
}

static void check_twins(struct check *check) {
  puts("\nTwins, which have less to do than their kernels: at most 1.03 of their time, on one thread");
  static const int levels[] = {LEVEL_L1, LEVEL_L2, LEVEL_DRAM};
  for (int i = 0; i < 3 && !interrupt_came(); i++) {
    check_level(check, levels[i]);
    fflush(stdout);
  }
}

/* ---- plug-ins --------------------------------------------------------------------------------------------------- */

/* Kernels that are slower than others for any reason attain less by as much, as both are held against the same twins.
 */
static const double PLUGINS_WITHIN = 0.1;

/* A kernel and the best of its op, timed by turns on the same memory. */
struct pair {
  const gm_impl *impl[2];
  double percent[2];           /* of attainable */
  double times;                /* the first takes of the second's time */
  char failure[TRAP_SENTENCE]; /* of a call of the first; empty: none */
};

/* What a caller gets. */
static const gm_impl *best_of(const gm_library *library, const gm_op *op) {
  char name[GM_NAME_SIZE];
  snprintf(name, sizeof name, "%s/%s", op->name, op->dtype);
  return gm_find(library, name, NULL);
}

static bool time_pair(struct pair *pair, struct group *group, const struct sampler_settings *settings) {
  enum { SAMPLES = 41 };
  struct sampler sampler[2] = {0};
  struct row row[2] = {0};
  double times[SAMPLES];
  bool done = true;
  for (int k = 0; done && k < 2; k++) done = sampler_open(&sampler[k], settings, group, pair->impl[k]);
  for (int i = 0; done && i < SAMPLES && !interrupt_came(); i++)
    for (int k = 0; done && k < 2; k++) done = sampler_begin(&sampler[k], (size_t)i) && sampler_take(&sampler[k]);
  done = done && sampler[0].count == SAMPLES && sampler[1].count == SAMPLES;
  for (int k = 0; done && k < 2; k++) {
    done = sampler_finish(&sampler[k], &row[k]);
    pair->percent[k] = row[k].attainable.value;
  }
  for (int i = 0; done && i < SAMPLES; i++) times[i] = row[0].samples[i] / row[1].samples[i];
  if (done) pair->times = median(times, SAMPLES);
  snprintf(pair->failure, sizeof pair->failure, "%s", sampler[0].failure);
  for (int k = 0; k < 2; k++) {
    sampler_close(&sampler[k]);
    free(row[k].samples);
    free(row[k].visits);
  }
  return done;
}

/* What the first would attain if it were as fast as the second, of what that attains. */
static double agreement(const struct pair *pair) { return pair->percent[0] * pair->times / pair->percent[1]; }

/* A pair that is disturbed once is taken again. */
static void check_pair(struct check *check, struct group *group, const gm_impl *impl, int level,
                       const struct sampler_settings *settings) {
  enum { TRIES = 3 };
  struct pair pair = {.impl = {impl, best_of(check->library, impl->op)}};
  bool agree = false;
  if (!pair.impl[1]) return;
  for (int try = 0; try < TRIES && !agree; try++) {
    if (!time_pair(&pair, group, settings)) {
      if (!pair.failure[0]) {
        check->missed++;
        return;
      }
      check_wrong(check, "%s failed: %s.", impl->name, pair.failure);
      check->checked++;
      return;
    }
    agree = fabs(agreement(&pair) - 1) <= PLUGINS_WITHIN;
  }
  printf("  %-34s %-4s %5.2f times the time of %-8s %5.1f%%, beside %5.1f%%\n", impl->name, level_names[level],
         pair.times, pair.impl[1]->impl, pair.percent[0], pair.percent[1]);
  check->checked++;
  if (agree) return;
  check_wrong(check, "%.1f%% of attainable times %.2f are %.1f%%, and not the %.1f%% of %s in %s.", pair.percent[0],
              pair.times, pair.percent[0] * pair.times, pair.percent[1], pair.impl[1]->name, level_names[level]);
}

/* The plug-ins' implementations beside the best of their ops: slower by as much as they attain less? */
static void check_plugins(struct check *check) {
  const struct selection *chosen = &check->selection;
  const struct arena_settings arena = {.cache_span = machine_cache_span(&check->machine)};
  struct ceilings ceilings = {0};
  const struct sampler_settings settings = {
      .library = check->library, .sample_seconds = 100e-6, .limits = true, .ceilings = &ceilings};
  puts("\nPlug-ins beside the best of each op, on one thread: what they attain is less by what they take longer");
  for (size_t i = 0; i < chosen->count; i++)
    for (int level = LEVEL_L1; level <= LEVEL_L2 && chosen->impl[i]->plugin && !interrupt_came(); level++) {
      const struct working_set set = level_working_set(&check->machine, level, 1, 2);
      struct group group = {0};
      struct group_memory memory;
      if (set.bytes <= 0) continue;
      group_memory_open(&memory, &check->machine, &arena);
      if (group_open(&group, chosen->impl[i]->op, set.bytes, 1, &check->machine, &memory, false))
        check_pair(check, &group, chosen->impl[i], level, &settings);
      else
        check->missed++;
      fflush(stdout);
      group_close(&group);
      group_memory_close(&memory);
    }
  ceilings_free(&ceilings);
}

/* ---- the whole -------------------------------------------------------------------------------------------------- */

static int check_all(struct check *check, bool plugins) {
  if (!machine_open(&check->machine)) return cli_fail("no memory for the machine's topology");
  struct environment environment = {0};
  environment_observe(&environment, &(struct environment_source){.root = ""}, &check->machine);
  if (environment.emulated)
    return cli_fail("this runs under %s: times of an emulator say nothing, so none are taken", environment.emulator);
  interrupt_listen();
  machine_bind(&check->machine, 0);
  printf("%s\n", *check->machine.processor.name ? check->machine.processor.name : "unknown processor");
  check_peaks(check);
  check_twins(check);
  if (plugins) check_plugins(check);
  if (interrupt_came()) return cli_fail("interrupted"), EXIT_STOPPED;
  if (check->missed) fprintf(stderr, "gradmark: %ld checks could not be made, for want of memory\n", check->missed);
  if (!check->checked)
    return cli_fail("nothing of what was chosen can be checked: choose ISAs with lanes of their own");
  if (check->wrong)
    printf(
        "\n%ld of %ld checks failed. Percents of attainable that rest on them are wrong by as much: a fault of\n"
        "gradmark, or, where few failed and a second try passes, of a machine that others use at the same time.\n",
        check->wrong, check->checked);
  else
    printf("\nAll %ld checks passed: the limits hold here.\n", check->checked);
  return check->wrong ? EXIT_FAILED : check->missed ? EXIT_USAGE : EXIT_FINE;
}

int command_limits(int argc, char **argv) {
  const char *filter = NULL, *isa = NULL, *plugins = NULL;
  const struct cli_option options[] = {
      {"filter", "RE", "only implementations whose op/dtype/impl matches", &filter, NULL},
      {"isa", "LIST", "only these ISAs, separated by commas", &isa, NULL},
      {"plugin", "FILE", "also the implementations of this shared object", &plugins, NULL},
      {0},
  };
  switch (cli_parse(
      &argc, argv, "gradmark limits [OPTION...]",
      "Checks what kernels are held against: the core's peaks by straight assembly beside gradmark's\n"
      "loops (within 5%), and every twin beside its kernel in L1, L2 and DRAM (at most 1.03 of its time). Those\n"
      "of a plug-in, beside the best of their ops: they attain less by what they take longer (within 10%).",
      options, NULL)) {
    case CLI_HELP_SHOWN: return EXIT_FINE;
    case CLI_WRONG: return EXIT_USAGE;
    case CLI_GO_ON: break;
  }
  struct check check = {.library = cli_open_library()};
  if (!check.library) return EXIT_USAGE;
  int status = select_plugins(check.library, plugins);
  if (status == EXIT_FINE)
    status = select_impls(check.library, filter, isa, true, &check.selection) ? check_all(&check, plugins != NULL)
                                                                              : EXIT_USAGE;
  select_free(&check.selection);
  machine_close(&check.machine);
  gm_close(check.library);
  return status;
}
