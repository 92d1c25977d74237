#ifndef GRADMARK_LIMITS_ISA_H
#define GRADMARK_LIMITS_ISA_H

#include "by_name.h"

/* The ISA whose twin and loops are an implementation's limit: its own; for `autovec`, whose twin would only show how
 * well the compiler vectorizes a twin, the lane ISA of the same features; for a plug-in the best exact one that runs.
 */
const char *limits_isa_of(const gm_library *library, const gm_impl *impl);

#endif
