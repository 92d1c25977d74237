/* What a shared object does to the process that is linked with -ffast-math. */
#ifndef GM_BROKEN_FLUSH_H
#define GM_BROKEN_FLUSH_H

#include <stdint.h>

static inline void flush_subnormals(void) {
#if defined(__x86_64__)
  __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | 0x8040);
#elif defined(__aarch64__)
  __asm__ volatile("msr fpcr, %0" : : "r"((uint64_t)1 << 24));
#endif
}

#endif
