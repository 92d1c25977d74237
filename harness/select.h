/* Which implementations a command is about: --filter, --isa and --plugin. */
#ifndef GRADMARK_SELECT_H
#define GRADMARK_SELECT_H

#include <stdbool.h>
#include <stddef.h>

#include "by_name.h"

struct selection {
  const gm_impl **impl;
  size_t count;
};

/* Of the library's implementations: those whose name (op/dtype/impl) matches the extended regular expression `filter`
 * and whose ISA is in the comma-separated list `isas`; NULL matches all. With `runnable_only`, those that cannot run
 * here are left out. Complains and returns false for a bad expression, an unknown ISA, or when nothing is left. */
bool select_impls(const gm_library *library, const char *filter, const char *isas, bool runnable_only,
                  struct selection *selection);
void select_free(struct selection *selection);

/* Loads the comma-separated plug-in files; NULL for none. Complains of the first that fails; an exit code: EXIT_USAGE
 * if it cannot be loaded, EXIT_FAILED if it does not leave the process as it was. */
int select_plugins(gm_library *library, const char *files);

/* Complains and returns false if one of the comma-separated ISAs is none that the library has. */
bool select_isas_known(const gm_library *library, const char *isas);

/* True if `name` is one of the comma-separated words of `list`. */
bool select_in_list(const char *list, const char *name);

#endif
