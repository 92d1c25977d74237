#ifndef GRADMARK_OPERATIONS_H
#define GRADMARK_OPERATIONS_H

#include "by_name.h"

enum operation_kind {
  OPERATION_FMA,
  OPERATION_ARITHMETIC,
  OPERATION_DIVIDE,
  OPERATION_ROOT,
  OPERATION_OTHER,
  OPERATION_LOAD,
  OPERATION_STORE,
  OPERATION_KINDS
};

struct operations {
  double count[OPERATION_KINDS];
};

bool operations_of(const gm_op *op, const char *isa, struct operations *operations);

#endif
