/* What an op's operations are counted in (lane/counting.h). */
#ifndef GM_LANE_OPERATION_H
#define GM_LANE_OPERATION_H

enum operation_kind {
  OPERATION_FMA,
  OPERATION_ARITHMETIC, /* other floating-point additions, subtractions and multiplications */
  OPERATION_DIVIDE,
  OPERATION_SQRT,
  OPERATION_OTHER, /* comparisons, choices, logic, conversions, integers, estimates, shuffles */
  OPERATION_LOAD,
  OPERATION_STORE,
  OPERATION_KINDS
};

/* Added to by whatever runs over counting lanes, on one thread. */
extern double gm_operations[OPERATION_KINDS];

#endif
