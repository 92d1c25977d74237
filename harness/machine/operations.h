/* What an op asks of a core: its operations, counted by running its own source over lanes that count. */
#ifndef GRADMARK_OPERATIONS_H
#define GRADMARK_OPERATIONS_H

#include "by_name.h"
#include "lane/operation.h"

/* Per vector of elements, in all passes. A load or store is one, however many bytes it has. */
struct operations {
  double count[OPERATION_KINDS];
  int width; /* floats per vector */
};

/* Of an op, or of a list's, in an ISA of isas.def: as its exact implementation, or its fast one where the ISA is. False
 * where there is none, for `autovec`, whose instructions the compiler chooses, and without memory. */
bool operations_of(const gm_op *op, const char *isa, struct operations *operations);

/* All of them. */
double operations_total(const struct operations *operations);

/* Floating-point operations per element, in the plainest reading of the lanes: a multiply-add is two, any other
 * addition or multiplication, a division and a root are one each. Of a matrix op, those of its products alone. */
double operations_flops(const gm_op *op);

#endif
