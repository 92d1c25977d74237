/* ops.def as data. */
#ifndef GM_OPS_H
#define GM_OPS_H

#include "by_name.h"

/* The rows OP and LIST of ops.def, and the rows OP alone, which come first. */
enum {
#define OP(...) +1
  GM_PLAIN_OPS = 0
#include "ops.def"
  ,
#define OP(...)
#define LIST(...) +1
  GM_OPS = GM_PLAIN_OPS
#include "ops.def"
};

/* Writes GM_OPS descriptions; lists point at the op that they apply, within `ops`. */
void gm_ops_describe(gm_op *ops);

#endif
