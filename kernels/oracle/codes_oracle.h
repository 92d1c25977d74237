/* What the oracles of quantize and quantize_rows share: a code before it is rounded (judge.h). */
#ifndef GM_CODES_ORACLE_H
#define GM_CODES_ORACLE_H

#include "oracle/oracle_op.h"

static inline double gm_codes_scale(const float *values, size_t count) {
  double largest = 0;
  for (size_t i = 0; i < count; i++)
    if (isfinite(values[i])) largest = fmax(largest, fabs((double)values[i]));
  return largest > 0 ? fmax(largest / 127, FLT_MIN) : 0;
}

static inline void gm_codes(const float *values, size_t count, double scale, double *value, double *error_scale) {
  for (size_t i = 0; i < count; i++) {
    const double v = values[i];
    value[i] = scale == 0 || isnan(v) ? 0 : isinf(v) ? copysign(127, v) : v / scale;
    error_scale[i] = fabs(value[i]);
  }
}

#endif
