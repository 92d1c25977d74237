#include "run/profile.h"

#include <string.h>

static const struct profile profiles[] = {
    {.name = "quick",
     .level = {[LEVEL_L2] = true, [LEVEL_DRAM] = true},
     .whole_ops = 6,
     .others_briefly = true,
     .dram_factor = 2,
     .seconds_per_row = 0.12,
     .sample_seconds = 300e-6,
     .least_samples = 6,
     .most_samples = 60,
     .sweep_ops = 1,
     .sweep_seconds_per_row = 0.015,
     .sweep_least_samples = 7},
    {.name = "default",
     .level = {true, true, true, true},
     .baselines_threaded = true,
     .whole_ops = 6,
     .others_preferred_in_dram = true,
     .dram_factor = 4,
     .seconds_per_row = 0.06,
     .sample_seconds = 300e-6,
     .least_samples = 12, /* in DRAM, where each is long */
     .most_samples = 100,
     .sweep_ops = 4,
     .sweep_threaded = true,
     .sweep_seconds_per_row = 0.03,
     .sweep_least_samples = 7},
    {.name = "full",
     .level = {true, true, true, true},
     .thread_ladder = true,
     .baselines_threaded = true,
     .dram_factor = 4,
     .seconds_per_row = 1,
     .sample_seconds = 500e-6,
     .least_samples = 15,
     .most_samples = 400,
     .sweep_ops = PROFILE_ALL_OPS,
     .sweep_threaded = true,
     .sweep_seconds_per_row = 0.15,
     .sweep_least_samples = 9},
    {.name = "compare",
     .level = {[LEVEL_L2] = true, [LEVEL_DRAM] = true},
     .one_thread = true,
     .baselines_threaded = true,
     .preferred_in_dram = true, /* memory binds them all alike, and DRAM takes most of the time */
     .whole_ops = 6,
     .others_briefly = true,
     .brief = true,
     .dram_factor = 2,
     .seconds_per_row = 0.01,
     .sample_seconds = 300e-6,
     .least_samples = 20,
     .most_samples = 20},
};

const struct profile *profile_named(const char *name) {
  for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++)
    if (strcmp(profiles[i].name, name) == 0) return &profiles[i];
  return NULL;
}

size_t profile_headline_rank(const char *op) {
  static const char *const headline[] = {"adamw",          "sgd", "grad_sumsq", "softmax_xent", "linear_forward",
                                         "linear_backward"};
  for (size_t i = 0; i < sizeof headline / sizeof *headline; i++)
    if (strcmp(headline[i], op) == 0) return i;
  return PROFILE_ALL_OPS;
}
