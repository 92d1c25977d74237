/* What every kernel file includes, after saying which rows of ops.def it sees (#define GM_ROW "row/adamw.def"): its
 * arguments by name, the lanes of the ISA that it is compiled for, and the way to export its body. */
#ifndef GM_BODY_H
#define GM_BODY_H

#ifndef GM_ROW
#error "a kernel says which rows of ops.def it sees: #define GM_ROW \"row/adamw.def\""
#endif

#include "lane/lane.h"
#include "op_args.h"

/* GM_BODY(adamw, f32) = {.prepare = prepare, .run = run}; exports gm_body_adamw_f32_avx512 in the objects of avx512. */
#define GM_BODY(op, dtype)                               \
  extern const gm_body GM_NAMED(gm_body_##op##_##dtype); \
  const gm_body GM_NAMED(gm_body_##op##_##dtype)

#endif
