/* Compiled once per ISA: the bodies of all ops in the order of ops.def, NULL where an op has no fast implementation. */
#include "isa_table.h"
#include "lane/lane.h"

#if GM_FAST
#define IF_EXACT(body) NULL
#else
#define IF_EXACT(body) body
#endif

#define OP(op, dtype, family, shape, sizes, streams, hypers, element, total, accuracy, ulp) \
  extern const gm_body GM_NAMED(gm_body_##op##_##dtype);
#include "ops.def"

#define FAST(body) body
#define EXACT IF_EXACT
#define OP(op, dtype, family, shape, sizes, streams, hypers, element, total, accuracy, ulp) \
  accuracy(&GM_NAMED(gm_body_##op##_##dtype)),
static const gm_body *const bodies[] = {
#include "ops.def"
};

/* What the compiler was allowed to use here, read off its own macros: must be within the ISA's row of isas.def. */
static const gm_features compiled_with = 0
#ifdef __AVX__
                                         | GM_HAS(AVX)
#endif
#ifdef __AVX2__
                                         | GM_HAS(AVX2)
#endif
#ifdef __FMA__
                                         | GM_HAS(FMA)
#endif
#ifdef __F16C__
                                         | GM_HAS(F16C)
#endif
#ifdef __BMI__
                                         | GM_HAS(BMI)
#endif
#ifdef __BMI2__
                                         | GM_HAS(BMI2)
#endif
#ifdef __LZCNT__
                                         | GM_HAS(LZCNT)
#endif
#ifdef __MOVBE__
                                         | GM_HAS(MOVBE)
#endif
#ifdef __AVX512F__
                                         | GM_HAS(AVX512F)
#endif
#ifdef __AVX512BW__
                                         | GM_HAS(AVX512BW)
#endif
#ifdef __AVX512CD__
                                         | GM_HAS(AVX512CD)
#endif
#ifdef __AVX512DQ__
                                         | GM_HAS(AVX512DQ)
#endif
#ifdef __AVX512VL__
                                         | GM_HAS(AVX512VL)
#endif
#ifdef __ARM_NEON
                                         | GM_HAS(NEON)
#endif
    ;

const gm_isa_table GM_NAMED(gm_isa_table) = {bodies, compiled_with, V_WIDTH};
