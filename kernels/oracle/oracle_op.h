/* What an oracle's file includes:
 *
 *   #define GM_ROW "row/adamw.def"                                   before it: the rows that the file sees
 *
 *   GM_ORACLE(adamw, f32) {                                          defines it over `before` and `out`
 *     const gm_adamw_f32_args a = gm_adamw_f32_read(before);
 *     const gm_adamw_f32_doubles value = gm_adamw_f32_of(out->value), scale = gm_adamw_f32_of(out->scale);
 */
#ifndef GM_ORACLE_OP_H
#define GM_ORACLE_OP_H

#include <float.h>
#include <math.h>

#ifndef GM_ROW
#error "an oracle says which rows of ops.def it sees: #define GM_ROW \"row/adamw.def\""
#endif
#include "op_args.h"
#include "oracle/oracle.h"

#define R(type, name, a, b) double *name;
#define U(type, name, a, b) double *name;
#define W(type, name, a, b) double *name;
#define RESULT(type, name) double *name;
#define OP(op, dtype, family, shape, sizes, streams, ...) \
  typedef struct gm_##op##_##dtype##_doubles {            \
    streams                                               \
  } gm_##op##_##dtype##_doubles;
#include GM_ROW

#define R(type, name, a, b) doubles.name = *arrays++;
#define U(type, name, a, b) doubles.name = *arrays++;
#define W(type, name, a, b) doubles.name = *arrays++;
#define RESULT(type, name) doubles.name = *arrays++;
#define OP(op, dtype, family, shape, sizes, streams, ...)                                   \
  static inline gm_##op##_##dtype##_doubles gm_##op##_##dtype##_of(double *const *arrays) { \
    gm_##op##_##dtype##_doubles doubles;                                                    \
    streams return doubles;                                                                 \
  }
#include GM_ROW

#define GM_ORACLE(op, dtype)          \
  gm_oracle gm_oracle_##op##_##dtype; \
  void gm_oracle_##op##_##dtype(const gm_frame *before, const gm_oracle_out *out)

/* A state value as it is kept: f32 has nothing between FLT_MAX and infinity, and the formula goes on from what is kept.
 */
static inline double gm_stored(double x) { return fabs(x) > FLT_MAX ? copysign(INFINITY, x) : x; }

/* A finite intermediate value that f32 cannot hold; an estimate is off by up to 2^-11 and may overflow as much earlier.
 */
static inline bool gm_overflows(double x) { return isfinite(x) && fabs(x) > FLT_MAX * (1 - 0x1p-10); }

/* weight x; a decay or penalty of weight 0 is left out, whatever x is. */
static inline double gm_decay(double weight, double x) { return weight != 0 ? weight * x : 0; }

/* The scale of sqrt(x), where x has scale `scale`: how far the root moves when x moves by one unit in the last place of
 * its scale, in such units. Not the root itself: where x is small beside its scale, the root's digits are fewer. */
static inline double gm_sqrt_scale(double x, double scale) {
  const double unit = 0x1p-23, moved = fmax(scale * unit, 0x1p-149);
  return fmax(sqrt(x), (sqrt(x + moved) - sqrt(x)) / unit);
}

#endif
