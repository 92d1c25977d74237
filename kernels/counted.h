/* The ops compiled over lanes that count (lane/counting.h), one table for each ISA; scalar's is in every build of the
 * whole harness. */
#ifndef GM_COUNTED_H
#define GM_COUNTED_H

#include "by_name.h"

typedef struct gm_counted {
  const gm_body *(*body_of)(const gm_op *op); /* of a plain op; NULL where the ISA has no implementation */
  int width;                                  /* floats per vector */
} gm_counted;

#define ISA(isa, ...) extern const gm_counted gm_counted_##isa;
#include "isas.def"

#endif
