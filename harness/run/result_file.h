/* The result file: reports/gradmark_report/result.schema.json says what stands in it. */
#ifndef GRADMARK_RESULT_FILE_H
#define GRADMARK_RESULT_FILE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "results/whole_file.h"
#include "run/run.h"

struct result {
  const struct run *run;
  const char *isa_rule; /* GRADMARK_ISA; NULL where it is not set */
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
