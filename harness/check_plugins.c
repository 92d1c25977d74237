/* Kernels that are slower than others for any reason attain less by as much, as both are held against the same twins.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "check_limits.h"
#include "measure/group.h"
#include "measure/levels.h"
#include "measure/sampler.h"
#include "terminal/interrupt.h"

static const double WITHIN = 0.1;

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

static void check_failed(struct check *check, const gm_impl *impl, const char *failure) {
  char sentence[GM_NAME_SIZE + TRAP_SENTENCE + 16];
  snprintf(sentence, sizeof sentence, "%s failed: %s.", impl->name, failure);
  check_wrong(check, sentence);
  check->checked++;
}

/* A pair that is disturbed once is taken again. */
static void check_pair(struct check *check, struct group *group, const gm_impl *impl, int level,
                       const struct sampler_settings *settings) {
  enum { TRIES = 3 };
  struct pair pair = {.impl = {impl, best_of(check->library, impl->op)}};
  bool agree = false;
  if (!pair.impl[1]) return;
  for (int try = 0; try < TRIES && !agree; try++) {
    if (!time_pair(&pair, group, settings)) {
      check->missed += !pair.failure[0];
      if (pair.failure[0]) check_failed(check, impl, pair.failure);
      return;
    }
    agree = fabs(agreement(&pair) - 1) <= WITHIN;
  }
  printf("  %-34s %-4s %5.2f times the time of %-8s %5.1f%%, beside %5.1f%%\n", impl->name, level_names[level],
         pair.times, pair.impl[1]->impl, pair.percent[0], pair.percent[1]);
  check->checked++;
  if (agree) return;
  char sentence[240];
  snprintf(sentence, sizeof sentence, "%.1f%% of attainable times %.2f are %.1f%%, and not the %.1f%% of %s in %s.",
           pair.percent[0], pair.times, pair.percent[0] * pair.times, pair.percent[1], pair.impl[1]->name,
           level_names[level]);
  check_wrong(check, sentence);
}

void check_plugins(struct check *check) {
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
