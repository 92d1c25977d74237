#include "run/profile.h"

#include <string.h>

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

size_t profile_headline_rank(const char *op) {
  static const char *const headline[] = {"adamw",          "sgd", "grad_sumsq", "softmax_xent", "linear_forward",
                                         "linear_backward"};
  for (size_t i = 0; i < sizeof headline / sizeof *headline; i++)
    if (strcmp(headline[i], op) == 0) return i;
  return PROFILE_ALL_OPS;
}
