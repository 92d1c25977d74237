#include "machine/operations.h"
/* stand-in */
bool operations_of(const gm_op *op, const char *isa, struct operations *o) {
  (void)isa;
  if (op->of) op = op->of;
  *o = (struct operations){{op->mix.fma, op->mix.fp - op->mix.fma, op->mix.div + op->mix.div_by_root,
                            op->mix.root + op->mix.div_by_root, 0, 0, 0}};
  return true;
}
