/* The result file: reports/result.schema.json says what stands in it. */
#ifndef GRADMARK_RESULT_FILE_H
#define GRADMARK_RESULT_FILE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "machine/environment.h"
#include "machine/topology.h"
#include "memory/arena.h"
#include "results/whole_file.h"
#include "run/plan.h"
#include "run/threads_cost.h"

struct result {
  const struct machine *machine;
  const struct environment *environment;
  const struct plan *plan;
  const struct threads_cost *threads_cost;
  const gm_library *library;
  struct arena_settings arena;
  unsigned long long seed;
  const char *filter, *isa, *plugins; /* NULL where not given */
  const char *isa_rule;               /* GRADMARK_ISA */
  int argc;
  char **argv;                    /* the command line */
  char started[32], finished[32]; /* UTC, ISO 8601 */
  bool partial;
};

/* The whole result as JSON; NULL without memory. */
json_t *result_describe(const struct result *result);

/* Writes it into a file opened before; complains and returns false if it cannot. */
bool result_write(const struct result *result, struct whole_file *file);

#endif
