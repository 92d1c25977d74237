/* How far a result is from the exact one. */
#ifndef GRADMARK_JUDGE_H
#define GRADMARK_JUDGE_H

#include "by_name.h"

/* The distance of `got` from `value` in units of the last place (f32) of the larger of |value| and `scale`. Infinity
 * where the kind differs: NaN, infinity and finite must agree, but for values at the edge of f32's range and for a
 * scale of GM_OVERFLOWS (oracle.h); and for any other negative scale, which is a fault of the oracle. Of i8 `value` is
 * what is rounded to a code, as exact as double has it: the distance counts from where that rounding alone would leave
 * the code, half a unit; so a code may be another one only within the allowed few units in the last place of a tie. */
double judge_ulp(double value, double scale, double got, gm_type stored_as);

/* The spacing of f32 at |x|; 2^-149 among the subnormals. */
double judge_spacing(double x);

/* How many ulp an implementation may be off in stream `k` of a frame of its op, or of what its list is made of; of a
 * result the frame is not looked at. */
double judge_allowed(const gm_impl *impl, int k, const gm_frame *frame);

/* Element `i` of what an op writes. */
double judge_element(gm_type type, const void *data, size_t i);

/* What is wrong with element `at` of a stream, for a person. */
enum { JUDGE_SENTENCE = 256 };
void judge_describe(char description[JUDGE_SENTENCE], const gm_stream *stream, size_t at, double got, double value,
                    double ulp, double allowed);

#endif
