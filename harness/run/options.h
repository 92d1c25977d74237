/* The command line of `gradmark run`. */
#ifndef GRADMARK_RUN_OPTIONS_H
#define GRADMARK_RUN_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "memory/arena.h"
#include "run/plan.h"
#include "run/turns.h"

struct options {
  const char *filter, *isa, *level, *threads, *output, *plugins, *verified; /* NULL where not given */
  bool sweep;
  const struct profile *profile;
  struct arena_settings arena;
  uint64_t seed;
  double budget;             /* seconds; 0: the profile's */
  double test_delay_percent; /* 0: none */
  struct turns turns;
  bool own_pace;   /* --benchmark_min_time: Google Benchmark decides how many samples */
  bool own_output; /* --benchmark_format, --benchmark_list_tests: it prints, too */
  const char *benchmark_out, *benchmark_out_format; /* NULL where not given */
  bool only_lists; /* --benchmark_list_tests: nothing is timed, so that nothing needs a proof */
};

/* Reads it; Google Benchmark gets its own arguments. False if there is nothing to run: help was shown, or something is
 * wrong and was complained about; *status is then the exit code. */
bool options_read(struct options *options, int *argc, char **argv, int *status);

#endif
