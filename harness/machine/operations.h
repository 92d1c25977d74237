/* What an op asks of a core: its operations, counted by running its own source with lanes that count each call. */
#ifndef GRADMARK_OPERATIONS_H
#define GRADMARK_OPERATIONS_H

#include "by_name.h"
#include "lane/operation.h"

/* Per vector of elements, in all passes. A load or store is one, however many bytes it has. */
struct operations {
  double count[OPERATION_KINDS];
  int width; /* floats per vector */
};

/* Counts the operations of an op (of a list, those of the op that it applies) in an ISA of isas.def; where the ISA is a
 * fast one, with its estimates. False where the build has no such implementation, for `autovec`, whose instructions the
 * compiler chooses, and without memory. */
bool operations_of(const gm_op *op, const char *isa, struct operations *operations);

/* The sum over all kinds. */
double operations_total(const struct operations *operations);

/* Floating-point operations per element, in the plainest reading of the lanes: a multiply-add is two, any other
 * addition or multiplication, a division and a root are one each. Of a matrix op, those of its products alone. */
double operations_flops(const gm_op *op);

#endif
