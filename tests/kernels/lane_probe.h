/* The lanes of one ISA as functions over arrays. lane_probe.c is compiled once per ISA; the tests that call it are
 * compiled for the base architecture, so that they can ask first whether the ISA runs here. */
#ifndef GM_TEST_LANE_PROBE_H
#define GM_TEST_LANE_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LANE_UNARY(F) \
  F(sqrt)             \
  F(neg)              \
  F(abs)              \
  F(neg_abs)          \
  F(pow2)             \
  F(fraction)         \
  F(exponent)         \
  F(split_exponent)   \
  F(exp) F(exp_nonpositive) F(log) F(log1p) F(log1p_unit) F(sigmoid) F(tanh) F(gelu_erf) F(gelu_erf_slope)
#define LANE_BINARY(F) F(add) F(sub) F(mul) F(div) F(max) F(min) F(copysign) F(scale) F(quotient) F(mul_rsqrt)
#define LANE_TERNARY(F) F(fma) F(fnma) F(fms)

typedef struct lane_probe {
  size_t width;
  bool fast, fused;
  void (*load)(const float *p, size_t count, float *lanes); /* all lanes of v_load(p, count) */
  void (*load_or)(const float *p, size_t count, const float *other, float *lanes);
  void (*keep)(const float *a, size_t count, float *lanes);
  void (*store)(float *p, size_t count, const float *lanes); /* v_store(p, lanes, count) */
  void (*load_i8)(const int8_t *p, size_t count, float *lanes);
  void (*store_i8)(int8_t *p, size_t count, const float *lanes);
  void (*set)(float x, float *lanes);
  void (*transpose)(float *to, size_t to_step, const float *from, size_t from_step, size_t rows, size_t columns);
  float (*sum_of_lanes)(const float *lanes); /* v_sum */
  float (*largest)(const float *lanes);
  size_t longest_short;                             /* LANE_SHORT */
  float (*sum_short)(const float *x, size_t count); /* lane_sum_short of x */
  double (*sum_of_magnitudes)(const float *x, size_t begin, size_t end);
#define F(name) void (*name)(const float *a, float *out, size_t n);
  LANE_UNARY(F)
#undef F
#define F(name) void (*name)(const float *a, const float *b, float *out, size_t n);
  LANE_BINARY(F)
#undef F
#define F(name) void (*name)(const float *a, const float *b, const float *c, float *out, size_t n);
  LANE_TERNARY(F)
#undef F
  void (*is_nan)(const float *a, float *out, size_t n);                                                    /* 1 or 0 */
  void (*less)(const float *a, const float *b, float *out, size_t n);                                      /* 1 or 0 */
  void (*select)(const float *a, const float *b, const float *yes, const float *no, float *out, size_t n); /* a < b */
  void (*where)(const float *a, const float *b, const float *c, float *out, size_t n);                     /* a < b */
  void (*unless)(const float *a, const float *b, const float *c, float *out, size_t n);                    /* a < b */
  /* Adds 1 to visits[i] for each i in begin .. end-1 by lane_loop; 100 more where a step's count is impossible. */
  void (*visit)(unsigned char *visits, size_t begin, size_t end);
  float (*sum)(const float *x, size_t begin, size_t end);             /* lane_sum of x */
  float (*sum_of_fma)(const float *x, size_t begin, size_t end);      /* lane_sum of x^2, by v_fma */
  double (*sum_of_squares)(const float *x, size_t begin, size_t end); /* lane_sum_of_squares of x */
  float (*largest_finite)(const float *x, size_t begin, size_t end);  /* lane_largest_finite of x */
} lane_probe;

#endif
