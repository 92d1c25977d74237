#include "verify/judge.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

double judge_spacing(double x) {
  enum { BIAS = 1023, FRACTION = 52 }; /* of double; frexp and ldexp would take most of a proof's time */
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  int exponent = (int)(bits >> FRACTION & 0x7ff) - BIAS;
  if (exponent < -126) exponent = -126;
  bits = (uint64_t)(exponent - 23 + BIAS) << FRACTION;
  memcpy(&x, &bits, sizeof x);
  return x;
}

double judge_ulp(double value, double scale, double got, gm_type kept_as) {
  enum { EDGE_ULP = 64 };
  if (isnan(value)) return isnan(got) ? 0 : INFINITY;
  if (scale < 0) return 0; /* GM_OVERFLOWS */
  const double spacing = judge_spacing(fmax(fabs(value), scale));
  if (kept_as == GM_TYPE_i8) return fmax(fabs(got - value) - 0.5, 0) / spacing;
  if (isinf(value)) return got == value ? 0 : INFINITY;
  const double edge = FLT_MAX - (double)EDGE_ULP * judge_spacing(FLT_MAX);
  if (kept_as == GM_TYPE_f32 && fabs(value) > edge) return fabs(got) >= edge && (got > 0) == (value > 0) ? 0 : INFINITY;
  if (!isfinite(got)) return INFINITY;
  return fabs(got - value) / spacing;
}
