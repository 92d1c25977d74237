/* How a thread does floating-point arithmetic: the direction of rounding, and whether subnormals count as zero. */
#ifndef GM_ARITHMETIC_H
#define GM_ARITHMETIC_H

#include <stdint.h>

/* Of this thread. The flags of what has happened are no part of it. No arithmetic moves over the asm, for none is done
 * but on what is in memory. */
#if defined(__x86_64__)
enum { GM_MXCSR_FLAGS = 0x3f };

static inline uint64_t gm_arithmetic(void) {
  uint32_t word;
  __asm__ volatile("stmxcsr %0" : "=m"(word) : : "memory");
  return word & ~(uint32_t)GM_MXCSR_FLAGS;
}

static inline void gm_arithmetic_set(uint64_t arithmetic) {
  uint32_t word;
  __asm__ volatile("stmxcsr %0" : "=m"(word) : : "memory");
  word = (word & GM_MXCSR_FLAGS) | (uint32_t)arithmetic;
  __asm__ volatile("ldmxcsr %0" : : "m"(word) : "memory");
}
#elif defined(__aarch64__)
static inline uint64_t gm_arithmetic(void) {
  uint64_t word;
  __asm__ volatile("mrs %0, fpcr" : "=r"(word) : : "memory");
  return word;
}

static inline void gm_arithmetic_set(uint64_t arithmetic) {
  __asm__ volatile("msr fpcr, %0" : : "r"(arithmetic) : "memory");
}
#else
#include <fenv.h>

static inline uint64_t gm_arithmetic(void) { return (uint64_t)fegetround(); }

static inline void gm_arithmetic_set(uint64_t arithmetic) { fesetround((int)arithmetic); }
#endif

#endif
