/* What dequantize and dequantize_rows share. */
#ifndef GM_DEQUANTIZE_STEP_H
#define GM_DEQUANTIZE_STEP_H

#include "body.h"

struct values_job {
  const int8_t *codes;
  float *values;
  float scale;
};

GM_INLINE void write_values(const void *opaque, size_t i, size_t count) {
  const struct values_job j = *(const struct values_job *)opaque;
  v_store(j.values + i, v_mul(v_set(j.scale), v_load_i8(j.codes + i, count)), count);
}

#endif
