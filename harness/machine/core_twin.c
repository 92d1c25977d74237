/* Compiled per ISA and build of the core twins: their bodies in the order of ops.def, NULL where there is none. */
#include "lane/lane.h"
#include "machine/core.h"

#define OP(op, dtype, ...) extern const gm_body GM_NAMED(gm_body_##op##_##dtype) __attribute__((weak));
#include "ops.def"

static const gm_body *const bodies[] = {
#define OP(op, dtype, ...) &GM_NAMED(gm_body_##op##_##dtype),
#include "ops.def"
};

extern const twin_bodies GM_NAMED(gm_core_twin);
const twin_bodies GM_NAMED(gm_core_twin) = bodies;
