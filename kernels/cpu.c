#include "cpu.h"

#include <stddef.h>

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

enum { EAX, EBX, ECX, EDX };

/* XCR0 bits: 1 SSE, 2 AVX (upper halves of ymm), 5 mask registers, 6 upper halves of zmm0-15, 7 zmm16-31. */
enum { XCR0_AVX = 0x6, XCR0_AVX512 = 0xe6 };

static bool bit(uint32_t word, int index) { return (word >> index) & 1; }

gm_features gm_cpu_detect_x86(const gm_cpu_source *source) {
  uint32_t top[4], one[4], seven[4] = {0}, extended_top[4], extended[4] = {0};
  source->cpuid(source->context, 0, 0, top);
  if (top[EAX] < 1) return 0;
  source->cpuid(source->context, 1, 0, one);
  if (top[EAX] >= 7) source->cpuid(source->context, 7, 0, seven);
  source->cpuid(source->context, 0x80000000U, 0, extended_top);
  if (extended_top[EAX] >= 0x80000001U) source->cpuid(source->context, 0x80000001U, 0, extended);

  gm_features found = 0;
  if (bit(one[ECX], 22)) found |= GM_HAS(MOVBE);
  if (bit(seven[EBX], 3)) found |= GM_HAS(BMI);
  if (bit(seven[EBX], 8)) found |= GM_HAS(BMI2);
  if (bit(extended[ECX], 5)) found |= GM_HAS(LZCNT);

  const bool xgetbv_allowed = bit(one[ECX], 27); /* OSXSAVE: without it, XGETBV itself traps */
  const uint64_t saved = xgetbv_allowed ? source->xcr0(source->context) : 0;
  if ((saved & XCR0_AVX) == XCR0_AVX) {
    if (bit(one[ECX], 28)) found |= GM_HAS(AVX);
    if (bit(one[ECX], 12)) found |= GM_HAS(FMA);
    if (bit(one[ECX], 29)) found |= GM_HAS(F16C);
    if (bit(seven[EBX], 5)) found |= GM_HAS(AVX2);
  }
  if ((saved & XCR0_AVX512) == XCR0_AVX512) {
    if (bit(seven[EBX], 16)) found |= GM_HAS(AVX512F);
    if (bit(seven[EBX], 17)) found |= GM_HAS(AVX512DQ);
    if (bit(seven[EBX], 28)) found |= GM_HAS(AVX512CD);
    if (bit(seven[EBX], 30)) found |= GM_HAS(AVX512BW);
    if (bit(seven[EBX], 31)) found |= GM_HAS(AVX512VL);
  }
  return found;
}

#if defined(__x86_64__)
static void native_cpuid(void *context, uint32_t leaf, uint32_t subleaf, uint32_t answer[4]) {
  (void)context;
  __cpuid_count(leaf, subleaf, answer[EAX], answer[EBX], answer[ECX], answer[EDX]);
}

static uint64_t native_xcr0(void *context) {
  (void)context;
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return ((uint64_t)high << 32) | low;
}

gm_features gm_cpu_detect(void) {
  return gm_cpu_detect_x86(&(gm_cpu_source){.cpuid = native_cpuid, .xcr0 = native_xcr0});
}
#elif defined(__aarch64__) && defined(__linux__)
gm_features gm_cpu_detect(void) {
  enum { HWCAP_ASIMD_BIT = 1 };
  return bit((uint32_t)getauxval(AT_HWCAP), HWCAP_ASIMD_BIT) ? GM_HAS(NEON) : 0;
}
#else
gm_features gm_cpu_detect(void) { return 0; }
#endif

const char *gm_cpu_missing(gm_features wanted, gm_features present) {
  static const char *const name[GM_FEATURE_COUNT] = {
#define F(feature) #feature,
      GM_FEATURES(F)
#undef F
  };
  for (int i = 0; i < GM_FEATURE_COUNT; i++)
    if ((wanted & ~present) >> i & 1) return name[i];
  return NULL;
}
