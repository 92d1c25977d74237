/* What the processor and the operating system allow. Both must agree: a processor may have AVX-512 while the system
 * (or a hypervisor) does not save its registers, and then its instructions trap. */
#ifndef GM_CPU_H
#define GM_CPU_H

#include <stdbool.h>
#include <stdint.h>

typedef uint64_t gm_features;

/* One bit per feature that some compiler flag of the build switches on. */
#define GM_FEATURES(F) \
  F(AVX)               \
  F(AVX2)              \
  F(FMA) F(F16C) F(BMI) F(BMI2) F(LZCNT) F(MOVBE) F(AVX512F) F(AVX512BW) F(AVX512CD) F(AVX512DQ) F(AVX512VL) F(NEON)

enum gm_feature_index {
#define F(name) GM_INDEX_##name,
  GM_FEATURES(F)
#undef F
      GM_FEATURE_COUNT
};
#define GM_HAS(name) ((gm_features)1 << GM_INDEX_##name)

#define GM_X86_64_V3 \
  (GM_HAS(AVX) | GM_HAS(AVX2) | GM_HAS(FMA) | GM_HAS(F16C) | GM_HAS(BMI) | GM_HAS(BMI2) | GM_HAS(LZCNT) | GM_HAS(MOVBE))
#define GM_X86_64_V4 \
  (GM_X86_64_V3 | GM_HAS(AVX512F) | GM_HAS(AVX512BW) | GM_HAS(AVX512CD) | GM_HAS(AVX512DQ) | GM_HAS(AVX512VL))
#define GM_ARM64_NEON GM_HAS(NEON)

#if defined(__x86_64__)
#define GM_AUTOVEC GM_X86_64_V3
#define GM_AUTOVEC_REQUIRES "what avx2 needs; the scalar source, left to the compiler's vectorizer"
#define GM_SCALAR_FUSED false
#elif defined(__aarch64__)
#define GM_AUTOVEC GM_ARM64_NEON
#define GM_AUTOVEC_REQUIRES "what neon needs; the scalar source, left to the compiler's vectorizer"
#define GM_SCALAR_FUSED true
#else
#define GM_AUTOVEC 0
#define GM_AUTOVEC_REQUIRES "nothing beyond the base architecture; the scalar source, left to the compiler's vectorizer"
#define GM_SCALAR_FUSED false
#endif

/* The questions that detection asks, so that a test can answer them: CPUID leaf and subleaf into eax, ebx, ecx, edx;
 * and XCR0, asked only after CPUID says that it may be read. */
typedef struct gm_cpu_source {
  void (*cpuid)(void *context, uint32_t leaf, uint32_t subleaf, uint32_t answer[4]);
  uint64_t (*xcr0)(void *context);
  void *context;
} gm_cpu_source;

/* The features that `source` shows, of those the system saves the registers of. */
gm_features gm_cpu_detect_x86(const gm_cpu_source *source);

/* The features of the processor that this runs on. */
gm_features gm_cpu_detect(void);

/* The name of the first feature in `wanted` that `present` lacks; NULL if none is missing. */
const char *gm_cpu_missing(gm_features wanted, gm_features present);

#endif
