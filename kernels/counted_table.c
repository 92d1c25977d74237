/* Compiled once per ISA, over lanes that count. */
#include <string.h>

#include "counted.h"
#include "lane/lane.h"

#if GM_FAST
#define IF_EXACT(body) NULL
#else
#define IF_EXACT(body) body
#endif
#define FAST(body) body
#define EXACT IF_EXACT

#define OP(op, dtype, family, shape, sizes, streams, hypers, element, total, accuracy, ulp) \
  extern const gm_body GM_NAMED(gm_body_##op##_##dtype);
#include "ops.def"

static const gm_body *body_of(const gm_op *wanted) {
  static const struct {
    const char *name, *dtype;
    const gm_body *body;
  } bodies[] = {
#define OP(op, dtype, family, shape, sizes, streams, hypers, element, total, accuracy, ulp) \
  {#op, #dtype, accuracy(&GM_NAMED(gm_body_##op##_##dtype))},
#include "ops.def"
  };
  for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
    if (strcmp(bodies[i].name, wanted->name) == 0 && strcmp(bodies[i].dtype, wanted->dtype) == 0) return bodies[i].body;
  return NULL;
}

extern const gm_counted GM_NAMED(gm);
const gm_counted GM_NAMED(gm) = {body_of, V_WIDTH};
