/* What one ISA's objects export. gm_isa_table_<isa> exists for every ISA that the build compiled (GM_BUILT_<isa>). */
#ifndef GM_ISA_TABLE_H
#define GM_ISA_TABLE_H

#include "by_name.h"
#include "cpu.h"

typedef struct gm_isa_table {
  const gm_body *const *bodies; /* in the order of ops.def without its lists */
  gm_features compiled_with;
  int width; /* floats per vector */
} gm_isa_table;

#define ISA(name, ...) extern const gm_isa_table gm_isa_table_##name;
#include "isas.def"

#endif
