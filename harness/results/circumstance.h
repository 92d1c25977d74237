/* What every result file says, whatever was run: how JSON is written, and by which build. Every function gives a new
 * reference, NULL without memory. */
#ifndef GRADMARK_CIRCUMSTANCE_H
#define GRADMARK_CIRCUMSTANCE_H

#include <jansson.h>
#include <stdbool.h>

#include "results/whole_file.h"

/* JSON has no NaN and no infinity: what is unknown is null. */
json_t *circumstance_number(double x);

/* Arguments and variables may be empty, or hold bytes that are no UTF-8: then they are null, too. */
json_t *circumstance_text(const char *text);

/* {"version", "revision", "bundle", "compiler", "compiler_version", "build_type", "kernel_flags", "isa_flags"} */
json_t *circumstance_build(void);

/* The command line as an array. */
json_t *circumstance_command(int argc, char **argv);

enum { CIRCUMSTANCE_TIME = 32 };
/* Now, in UTC, ISO 8601. */
void circumstance_time(char text[CIRCUMSTANCE_TIME]);

/* Writes `root`, whose reference it takes (NULL: there was no memory), into a file opened before; complains and returns
 * false if it cannot. */
bool circumstance_write(json_t *root, struct whole_file *file);

#endif
