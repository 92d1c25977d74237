#include "run/plan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "reference_shape.h"
#include "verify/trap.h"

/* ---- profiles --------------------------------------------------------------------------------------------------- */

static const struct profile profiles[] = {
    {.name = "quick",
     .level = {[LEVEL_L2] = true, [LEVEL_DRAM] = true},
     .whole_ops = 6,
     .budget_seconds = 60,
     .dram_factor = 2,
     .rounds = 16,
     .visit_seconds = 0.0075,
     .sample_seconds = 100e-6,
     .least_samples = 3,
     .most_samples = 25,
     .sweep_ops = 1,
     .sweep_visit_seconds = 0.002},
    {.name = "default",
     .level = {true, true, true, true},
     .baselines_threaded = true,
     .whole_ops = 6,
     .budget_seconds = 300,
     .dram_factor = 4,
     .rounds = 16,
     .visit_seconds = 0.003,
     .sample_seconds = 100e-6,
     .least_samples = 3,
     .most_samples = 10,
     .sweep_ops = 4,
     .sweep_threaded = true,
     .sweep_visit_seconds = 0.003},
    {.name = "full",
     .level = {true, true, true, true},
     .threads_doubling = true,
     .baselines_threaded = true,
     .dram_factor = 4,
     .rounds = 16,
     .visit_seconds = 0.05,
     .sample_seconds = 200e-6,
     .least_samples = 3,
     .most_samples = 80,
     .sweep_ops = PROFILE_ALL_OPS,
     .sweep_threaded = true,
     .sweep_visit_seconds = 0.01},
    {.name = "compare",
     .level = {[LEVEL_L2] = true, [LEVEL_DRAM] = true},
     .one_thread = true,
     .baselines_threaded = true,
     .preferred_in_dram = true, /* memory binds them all alike, and DRAM takes most of the time */
     .whole_ops = 6,
     .others_briefly = true,
     .brief = true,
     .dram_factor = 2,
     .rounds = 8,
     .visit_seconds = 0.001,
     .sample_seconds = 100e-6,
     .least_samples = 1,
     .most_samples = 8},
};

const struct profile *profile_named(const char *name) {
  for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++)
    if (strcmp(profiles[i].name, name) == 0) return &profiles[i];
  return NULL;
}

/* The ops that people ask for first: the headline, most wanted first. PROFILE_ALL_OPS for an op that is not in it. */
static size_t profile_headline_rank(const char *op) {
  static const char *const headline[] = {"adamw",          "sgd", "grad_sumsq", "softmax_xent", "linear_forward",
                                         "linear_backward"};
  for (size_t i = 0; i < sizeof headline / sizeof *headline; i++)
    if (strcmp(headline[i], op) == 0) return i;
  return PROFILE_ALL_OPS;
}

/* ---- what was asked for ----------------------------------------------------------------------------------------- */

static bool read_levels(struct plan *plan, const char *list) {
  if (!list) {
    memcpy(plan->level, plan->profile->level, sizeof plan->level);
    return true;
  }
  if (strcmp(list, "none") == 0) {
    if (plan->sweep) return true;
    return cli_fail("--level none leaves nothing to time without --sweep"), false;
  }
  for (const char *at = list; *at;) {
    char word[32];
    const size_t length = strcspn(at, ",");
    snprintf(word, sizeof word, "%.*s", (int)length, at);
    const int level = level_named(word);
    if (level < 0) return cli_fail("unknown level '%s'; known are L1, L2, L3, DRAM, or none", word), false;
    plan->level[level] = true;
    at += length + (at[length] == ',');
  }
  return true;
}

static bool profile_threads(struct thread_list *threads, const struct profile *profile, long cores) {
  if (!thread_list_add(threads, 1)) return false;
  for (long n = 2; profile->threads_doubling && n < cores; n *= 2)
    if (!thread_list_add(threads, n)) return false;
  return profile->one_thread || thread_list_add(threads, cores);
}

static bool read_threads(struct plan *plan, const char *list, const struct machine *machine) {
  const long cores = machine->cores < GM_MAX_THREADS ? machine->cores : GM_MAX_THREADS;
  return list ? thread_list_read(&plan->threads, list, machine) : profile_threads(&plan->threads, plan->profile, cores);
}

/* ---- what makes sense ------------------------------------------------------------------------------------------- */

/* A list of many tensors needs room for them; a thread without work is none. */
static bool has_room(const gm_impl *impl, const gm_frame *frame, int threads) {
  if (impl->op->shape == GM_LIST) return frame->size[0] >= 100 * (size_t)REFERENCE_TENSORS;
  return trap_has_work(impl, threads, frame);
}

/* A matrix product of DRAM size takes minutes and is bound by arithmetic, as its L3 row is. */
static bool sensible_level(const gm_impl *impl, int level, int threads, double working_set) {
  if (impl->op->shape == GM_MATRIX && level == LEVEL_DRAM) return false;
  const gm_frame frame = reference_frame(impl->op, working_set);
  return has_room(impl, &frame, threads);
}

/* What an op cannot come near to (a row of 1,000 classes takes 8 KB) would not stand where its name says. A matrix
 * product is swept while one step of the scalar one takes less than about a second. */
static bool is_sensible_size(const gm_impl *impl, int threads, double bytes) {
  const double near = 0.1;
  const size_t most_products = (size_t)1 << 26;
  const gm_op *plain = gm_plain(impl->op);
  const gm_frame frame = reference_frame(impl->op, bytes);
  if (fabs(reference_working_set(plain, &frame) / bytes - 1) > near) return false;
  if (plain->shape == GM_MATRIX && gm_elements(plain, &frame) > most_products) return false;
  return has_room(impl, &frame, threads);
}

static bool baseline(const gm_impl *impl) {
  return strcmp(impl->impl, "scalar") == 0 || strcmp(impl->impl, "autovec") == 0;
}

/* ---- rows ------------------------------------------------------------------------------------------------------- */

/* Implementations of one op, at one working set on some threads. */
struct planned_group {
  const gm_impl *const *impl;
  size_t count;
  int level, threads;
  struct working_set set;
  bool sweep, baselines;
};

static struct row *new_row(struct plan *plan) {
  if (plan->count == plan->capacity) {
    const size_t capacity = plan->capacity ? 2 * plan->capacity : 64;
    struct row *row = realloc(plan->row, capacity * sizeof *row);
    if (!row) return NULL;
    plan->row = row;
    plan->capacity = capacity;
  }
  return &plan->row[plan->count++];
}

/* The exact implementation that a caller who names none would get. */
static struct planned_group preferred_alone(struct planned_group group) {
  const gm_impl *const *best = group.impl;
  for (size_t i = 1; i < group.count; i++) {
    const gm_impl *const *other = &group.impl[i];
    const bool exacter = (*best)->fast && !(*other)->fast;
    if (exacter || ((*best)->fast == (*other)->fast && (*other)->preference > (*best)->preference)) best = other;
  }
  group.impl = best;
  group.count = 1;
  return group;
}

/* What is left out last where time is short: the headline ops; then of each other op what a caller gets, in L2 on one
 * thread; then that elsewhere; then all else. */
static int rank_of(const struct planned_group *all, const gm_impl *impl, const struct profile *profile, int level,
                   int threads) {
  enum { HEADLINE, OTHERS, OTHERS_ELSEWHERE, REST };
  if (profile_headline_rank(impl->op->name) < profile->whole_ops) return HEADLINE;
  if (preferred_alone(*all).impl[0] != impl) return REST;
  return level == LEVEL_L2 && threads == 1 ? OTHERS : OTHERS_ELSEWHERE;
}

static bool add_group(struct plan *plan, const struct planned_group *group, const struct planned_group *all) {
  char size[32];
  const char *where = group->sweep ? sweep_size_name(group->set.bytes, size, sizeof size) : level_names[group->level];
  for (size_t i = 0; i < group->count; i++) {
    const gm_impl *impl = group->impl[i];
    if (baseline(impl) && !group->baselines) continue;
    struct row *row = new_row(plan);
    if (!row) return cli_fail("no memory for the plan"), false;
    *row = (struct row){.impl = impl,
                        .group = plan->groups,
                        .rank = group->sweep ? 1 : rank_of(all, impl, plan->profile, group->level, group->threads),
                        .level = group->level,
                        .threads = group->threads,
                        .sweep = group->sweep,
                        .working_set_wanted = group->set.bytes,
                        .border = group->set.border,
                        .twin = NAN,
                        .core_twin = NAN,
                        .attainable = {NAN, NAN, NAN},
                        .max_ulp = NAN,
                        .scalar = NAN,
                        .autovec = NAN};
    snprintf(row->name, sizeof row->name, "%s/%s/t%d", impl->name, where, group->threads);
  }
  plan->groups++;
  return true;
}

/* What a profile leaves out of a group at a level and a thread count; an empty group where it leaves out all. */
static struct planned_group trimmed(struct planned_group group, const struct profile *profile, int level, int threads) {
  const bool other = profile_headline_rank(group.impl[0]->op->name) >= profile->whole_ops;
  const bool briefly = other && profile->others_briefly;
  if (briefly && (level != LEVEL_L2 || threads > 1)) group.count = 0;
  const bool preferred = briefly || (level == LEVEL_DRAM && profile->preferred_in_dram);
  return preferred && group.count ? preferred_alone(group) : group;
}

static bool add_levels(struct plan *plan, struct planned_group all, const struct machine *machine,
                       const struct plan_config *config) {
  for (int level = 0; level < LEVELS; level++)
    for (int t = 0; plan->level[level] && t < plan->threads.counts; t++) {
      const int threads = plan->threads.count[t];
      struct planned_group group = plan->chosen ? all : trimmed(all, plan->profile, level, threads);
      group.level = level, group.threads = threads;
      group.set = level_working_set(machine, level, group.threads, plan->profile->dram_factor);
      if (group.count == 0 || group.set.bytes <= 0 ||
          !sensible_level(group.impl[0], level, group.threads, group.set.bytes))
        continue;
      group.baselines = group.threads == 1 || config->threads || plan->profile->baselines_threaded;
      if (!add_group(plan, &group, &all)) return false;
    }
  return true;
}

static bool add_sweep(struct plan *plan, struct planned_group group, const struct machine *machine,
                      bool threads_given) {
  group.sweep = true;
  for (int t = 0; t < plan->threads.counts; t++) {
    if (t > 0 && !threads_given && !plan->profile->sweep_threaded) break;
    group.threads = plan->threads.count[t];
    group.baselines = group.threads == 1 || threads_given || plan->profile->baselines_threaded;
    const struct sweep_sizes sizes = sweep_sizes(machine, group.threads);
    plan->sweep_shortened |= sizes.shortened;
    for (size_t i = 0; i < sizes.count; i++) {
      if (!is_sensible_size(group.impl[0], group.threads, sizes.bytes[i])) continue;
      const struct residence residence = level_of_set(machine, sizes.bytes[i], group.threads);
      group.level = residence.level;
      group.set = (struct working_set){.bytes = sizes.bytes[i], .border = residence.border};
      if (!add_group(plan, &group, &group)) return false;
    }
  }
  return true;
}

/* The implementations of the selection from `first` on that belong to one op. */
static struct planned_group group_at(const struct selection *selection, size_t first) {
  struct planned_group group = {.impl = &selection->impl[first]};
  while (first + group.count < selection->count && group.impl[group.count]->op == group.impl[0]->op) group.count++;
  return group;
}

static bool add_all(struct plan *plan, const struct selection *selection, const struct machine *machine,
                    const struct plan_config *config) {
  struct planned_group group;
  for (size_t first = 0; first < selection->count; first += group.count) {
    group = group_at(selection, first);
    if (!add_levels(plan, group, machine, config)) return false;
  }
  plan->level_rows = plan->count;
  for (size_t first = 0; plan->sweep && first < selection->count; first += group.count) {
    group = group_at(selection, first);
    const bool of_profile = plan->profile->sweep_ops == PROFILE_ALL_OPS ||
                            profile_headline_rank(group.impl[0]->op->name) < plan->profile->sweep_ops;
    if ((of_profile || config->selection_given) && !add_sweep(plan, group, machine, config->threads)) return false;
  }
  return true;
}

bool plan_make(struct plan *plan, const struct selection *selection, const struct machine *machine,
               const struct profile *profile, const struct plan_config *config) {
  *plan =
      (struct plan){.profile = profile, .sweep = config->sweep, .chosen = config->levels || config->selection_given};
  plan->budget_seconds = config->budget > 0 ? config->budget : plan->chosen ? 0 : profile->budget_seconds;
  if (config->sweep && !profile->sweep_ops)
    return cli_fail("--profile %s takes no sweep: it measures no limits", profile->name), false;
  if (read_levels(plan, config->levels) && read_threads(plan, config->threads, machine) &&
      add_all(plan, selection, machine, config)) {
    if (plan->count) return true;
    cli_fail("nothing to time: no selected op can be timed at the selected levels on this machine");
  }
  plan_free(plan);
  return false;
}

void plan_free(struct plan *plan) {
  for (size_t i = 0; i < plan->count; i++) {
    free(plan->row[i].samples);
    free(plan->row[i].visits);
  }
  free(plan->row);
  free(plan->left_out);
  plan->left_out = NULL;
  plan->row = NULL;
  plan->count = 0;
}

bool plan_leave_out(struct plan *plan) {
  size_t kept = 0, level_rows = 0, count = 0;
  for (size_t i = 0; i < plan->count; i++) count += plan->row[i].status == ROW_LEFT_OUT;
  if (!count) return true;
  if (!(plan->left_out = calloc(count, sizeof *plan->left_out))) return cli_fail("no memory for the plan"), false;
  for (size_t i = 0; i < plan->count; i++) {
    if (plan->row[i].status == ROW_LEFT_OUT) {
      memcpy(plan->left_out[plan->left_out_count++], plan->row[i].name, ROW_NAME_SIZE);
      continue;
    }
    level_rows += i < plan->level_rows;
    plan->row[kept++] = plan->row[i];
  }
  plan->count = kept;
  plan->level_rows = level_rows;
  return true;
}

int plan_most_threads(const struct plan *plan) {
  int most = 1;
  for (size_t i = 0; i < plan->level_rows; i++)
    if (plan->row[i].status != ROW_SKIPPED && plan->row[i].threads > most) most = plan->row[i].threads;
  return most;
}
