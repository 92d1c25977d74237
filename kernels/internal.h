/* What the library's own files share. */
#ifndef GM_INTERNAL_H
#define GM_INTERNAL_H

#include "gradmark.h"

/* Fills `error`, if given, and returns `status`. */
__attribute__((format(printf, 3, 4))) gm_status gm_fail(gm_error *error, gm_status status, const char *format, ...);

#endif
