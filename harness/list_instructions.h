/* gradmark list --instructions: what kernels ask for, and what became of it. */
#ifndef GRADMARK_LIST_INSTRUCTIONS_H
#define GRADMARK_LIST_INSTRUCTIONS_H

#include <stdbool.h>

#include "by_name.h"

/* Of the vector implementations that run here and match `filter` (NULL: all). Returns an exit code. */
int list_instructions(const gm_library *library, const char *filter, bool json);

#ifdef GRADMARK_FULL
#include <jansson.h>

/* Prints an array of objects on standard output, and frees it. Returns an exit code. */
int list_print_json(json_t *array);
#endif

#endif
