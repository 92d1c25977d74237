#include "verify/judge.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "oracle/oracle.h"

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

double judge_ulp(double value, double scale, double got, gm_type stored_as) {
  enum { EDGE_ULP = 64 };
  if (isnan(value)) return isnan(got) ? 0 : INFINITY;
  if (scale < 0) return scale == GM_OVERFLOWS ? 0 : INFINITY; /* a signed scale would excuse anything */
  const double spacing = judge_spacing(fmax(fabs(value), scale));
  if (stored_as == GM_TYPE_i8) return fmax(fabs(got - value) - 0.5, 0) / spacing;
  if (isinf(value)) return got == value ? 0 : INFINITY;
  const double edge = FLT_MAX - (double)EDGE_ULP * judge_spacing(FLT_MAX);
  if (stored_as == GM_TYPE_f32 && fabs(value) > edge)
    return fabs(got) >= edge && (got > 0) == (value > 0) ? 0 : INFINITY;
  if (!isfinite(got)) return INFINITY;
  return fabs(got - value) / spacing;
}

/* For a matrix the bound is per rounding of a sum: what a matrix of two sizes is summed over is the third, a vector the
 * first (the batch); one more for the old value or a bias. */
static double roundings(const gm_op *op, int k, const gm_frame *frame) {
  size_t longest = 0;
  if (op->shape != GM_MATRIX) return 1;
  const int *own = op->stream[k].extent;
  for (int i = 0; i < op->sizes; i++) {
    const bool inner = own[1] < GM_MAX_SIZES ? i != own[0] && i != own[1] : i == 0;
    if (inner && frame->size[i] > longest) longest = frame->size[i];
  }
  return gm_sum_depth(longest) + 1;
}

static double allowed_ulp(const gm_impl *impl) { return impl->fast ? impl->op->ulp_fast : impl->op->ulp; }

double judge_allowed(const gm_impl *impl, int k, const gm_frame *frame) {
  const gm_op *op = gm_plain(impl->op);
  return op->stream[k].role == GM_RESULT ? op->ulp_result : allowed_ulp(impl) * roundings(op, k, frame);
}

double judge_element(gm_type type, const void *data, size_t i) {
  switch (type) {
    case GM_TYPE_f32: return (double)((const float *)data)[i];
    case GM_TYPE_f64: return ((const double *)data)[i];
    case GM_TYPE_i8: return ((const int8_t *)data)[i];
    case GM_TYPE_i32: break; /* is only read */
  }
  return NAN;
}

void judge_describe(char description[JUDGE_SENTENCE], const gm_stream *stream, size_t at, double got, double value,
                    double ulp, double allowed) {
  char off[64];
  const char *why = off;
  snprintf(off, sizeof off, "%.3g ulp off, %.3g allowed", ulp, allowed);
  if (!isfinite(ulp) && isinf(got) && isfinite(value))
    why =
        "f32 overflows on the way to it: scale first, or, where the formula itself passes beyond FLT_MAX, "
        "the oracle's scale must be GM_OVERFLOWS";
  else if (!isfinite(ulp))
    why = "another kind of number";
  snprintf(description, JUDGE_SENTENCE, "%s[%zu] is %.9g, the oracle says %.9g: %s", stream->name, at, got, value, why);
}
