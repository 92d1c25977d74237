#include "run/plan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "reference_shape.h"

static const struct profile profiles[] = {
    {.name = "quick",
     .level = {[LEVEL_L2] = true, [LEVEL_DRAM] = true},
     .dram_factor = 2,
     .seconds_per_row = 0.12,
     .sample_seconds = 300e-6,
     .least_samples = 6,
     .most_samples = 60},
    {.name = "default",
     .level = {true, true, true, true},
     .baselines_threaded = true,
     .dram_factor = 4,
     .seconds_per_row = 0.2,
     .sample_seconds = 300e-6,
     .least_samples = 7,
     .most_samples = 100},
    {.name = "full",
     .level = {true, true, true, true},
     .thread_ladder = true,
     .baselines_threaded = true,
     .dram_factor = 4,
     .seconds_per_row = 1,
     .sample_seconds = 500e-6,
     .least_samples = 15,
     .most_samples = 400},
};

const struct profile *profile_named(const char *name) {
  for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++)
    if (strcmp(profiles[i].name, name) == 0) return &profiles[i];
  return NULL;
}

static bool read_levels(struct plan *plan, const char *list) {
  if (!list) {
    memcpy(plan->level, plan->profile->level, sizeof plan->level);
    return true;
  }
  for (const char *at = list; *at;) {
    char word[32];
    const size_t length = strcspn(at, ",");
    snprintf(word, sizeof word, "%.*s", (int)length, at);
    const int level = level_named(word);
    if (level < 0) return cli_fail("unknown level '%s'; known are L1, L2, L3, DRAM", word), false;
    plan->level[level] = true;
    at += length + (at[length] == ',');
  }
  return true;
}

static void add_threads(struct plan *plan, long count) {
  for (int i = 0; i < plan->thread_counts; i++)
    if (plan->threads[i] == count) return;
  if (plan->thread_counts < PLAN_MAX_THREADS_LIST) plan->threads[plan->thread_counts++] = (int)count;
}

static bool read_threads(struct plan *plan, const char *list, const struct machine *machine) {
  const long cores = machine->cores, all = machine->pus < GM_MAX_THREADS ? machine->pus : GM_MAX_THREADS;
  if (!list) {
    add_threads(plan, 1);
    for (long n = 2; plan->profile->thread_ladder && n < cores; n *= 2) add_threads(plan, n);
    add_threads(plan, cores);
    return true;
  }
  for (const char *at = list; *at;) {
    char word[32];
    long count;
    const size_t length = strcspn(at, ",");
    snprintf(word, sizeof word, "%.*s", (int)length, at);
    if (strcmp(word, "all") == 0)
      count = cores;
    else if (!cli_number("threads", word, 1, GM_MAX_THREADS, &count))
      return false;
    if (count > all)
      return cli_fail(
                 "--threads %ld: this process may use %ld processing unit%s, and threads that share one measure "
                 "each other",
                 count, all, all == 1 ? "" : "s"),
             false;
    add_threads(plan, count);
    at += length + (at[length] == ',');
  }
  return true;
}

/* A list of many tensors needs room for them; a matrix product of DRAM size takes minutes and is bound by arithmetic,
 * as its L3 row is; a thread without work is none. */
static bool sensible(const gm_impl *impl, int level, int threads, double working_set) {
  const gm_op *op = impl->op;
  if (op->shape == GM_MATRIX && level == LEVEL_DRAM) return false;
  const gm_frame frame = reference_frame(op, working_set);
  if (op->shape == GM_LIST) return frame.size[0] >= 100 * (size_t)REFERENCE_TENSORS;
  size_t begin, end; /* of the last thread: nothing, where there are fewer blocks than threads */
  gm_thread_range(impl, &frame, threads, threads - 1, &begin, &end);
  return begin < end;
}

static bool baseline(const gm_impl *impl) {
  return strcmp(impl->impl, "scalar") == 0 || strcmp(impl->impl, "autovec") == 0;
}

static void add_row(struct plan *plan, const gm_impl *impl, int level, int threads, struct working_set set) {
  struct row *row = &plan->row[plan->count++];
  *row = (struct row){.impl = impl,
                      .level = level,
                      .threads = threads,
                      .working_set_wanted = set.bytes,
                      .border = set.border,
                      .max_ulp = NAN,
                      .scalar = NAN,
                      .autovec = NAN};
  snprintf(row->name, sizeof row->name, "%s/%s/t%d", impl->name, level_names[level], threads);
}

bool plan_make(struct plan *plan, const struct selection *selection, const struct machine *machine,
               const struct profile *profile, const char *levels, const char *threads) {
  *plan = (struct plan){.profile = profile};
  if (!read_levels(plan, levels) || !read_threads(plan, threads, machine)) return false;
  plan->row = calloc(selection->count * LEVELS * PLAN_MAX_THREADS_LIST, sizeof *plan->row);
  if (!plan->row) return cli_fail("no memory for the plan"), false;
  for (size_t first = 0, next; first < selection->count; first = next) {
    const gm_op *op = selection->impl[first]->op;
    for (next = first; next < selection->count && selection->impl[next]->op == op;) next++;
    for (int level = 0; level < LEVELS; level++)
      for (int t = 0; plan->level[level] && t < plan->thread_counts; t++) {
        const int count = plan->threads[t];
        const struct working_set set = level_working_set(machine, level, count, profile->dram_factor);
        if (set.bytes <= 0 || !sensible(selection->impl[first], level, count, set.bytes)) continue;
        for (size_t i = first; i < next; i++)
          if (count == 1 || threads || profile->baselines_threaded || !baseline(selection->impl[i]))
            add_row(plan, selection->impl[i], level, count, set);
      }
  }
  if (plan->count) return true;
  cli_fail("nothing to time: no selected op can be timed at the selected levels on this machine");
  plan_free(plan);
  return false;
}

void plan_free(struct plan *plan) {
  for (size_t i = 0; i < plan->count; i++) free(plan->row[i].samples);
  free(plan->row);
  plan->row = NULL;
}
