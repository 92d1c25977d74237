/* How far a result is from the exact one. */
#ifndef GRADMARK_JUDGE_H
#define GRADMARK_JUDGE_H

#include "by_name.h"

/* The distance of `got` from `value` in units of the last place (f32) of the larger of |value| and `scale`. Infinity
 * where the kind differs: NaN, infinity and finite must agree, but for values at the edge of f32's range and for a
 * scale of GM_OVERFLOWS (oracle.h). Of i8 `value` is what is rounded to a code, as exact as double has it: the distance
 * counts from where that rounding alone would leave the code, half a unit; so a code may be another one only within
 * the allowed few units in the last place of a tie. */
double judge_ulp(double value, double scale, double got, gm_type kept_as);

/* The spacing of f32 at |x|; 2^-149 among the subnormals. */
double judge_spacing(double x);

#endif
