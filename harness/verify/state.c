#define _GNU_SOURCE
#include "verify/state.h"

#include <fcntl.h>
#include <fenv.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__x86_64__)
/* Without the flags of what has happened. */
enum { SSE_USUAL = 0x1f80, SSE_FLAGS = 0x3f, X87_USUAL = 0x37f };

bool state_arithmetic_is_usual(void) {
  uint32_t sse;
  uint16_t x87;
  __asm__ volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(sse), "=m"(x87));
  return (sse & ~(uint32_t)SSE_FLAGS) == SSE_USUAL && x87 == X87_USUAL;
}

void state_arithmetic_make_usual(void) {
  const uint32_t sse = SSE_USUAL;
  const uint16_t x87 = X87_USUAL;
  __asm__ volatile("ldmxcsr %0\n\tfldcw %1" : : "m"(sse), "m"(x87));
}
#elif defined(__aarch64__)
bool state_arithmetic_is_usual(void) {
  uint64_t control;
  __asm__ volatile("mrs %0, fpcr" : "=r"(control));
  return control == 0;
}

void state_arithmetic_make_usual(void) { __asm__ volatile("msr fpcr, %0" : : "r"((uint64_t)0)); }
#else
bool state_arithmetic_is_usual(void) { return fegetround() == FE_TONEAREST; }

void state_arithmetic_make_usual(void) { fesetround(FE_TONEAREST); }
#endif

void state_remember(struct state_descriptors *descriptors) {
  for (int i = 0; i < STATE_DESCRIPTORS; i++) {
    struct stat there = {0};
    descriptors->of[i].copy = fstat(i, &there) == 0 ? fcntl(i, F_DUPFD_CLOEXEC, STATE_DESCRIPTORS) : -1;
    descriptors->of[i].device = there.st_dev, descriptors->of[i].file = there.st_ino;
  }
}

int state_put_back(struct state_descriptors *descriptors) {
  int first = -1;
  for (int i = 0; i < STATE_DESCRIPTORS; i++) {
    const int copy = descriptors->of[i].copy;
    struct stat there;
    if (copy < 0) continue;
    const bool same =
        fstat(i, &there) == 0 && there.st_dev == descriptors->of[i].device && there.st_ino == descriptors->of[i].file;
    if (!same) {
      const int flag = i > STDERR_FILENO ? O_CLOEXEC : 0; /* as all that this program opens */
      dup3(copy, i, flag);
      if (first < 0) first = i;
    }
    close(copy);
  }
  return first;
}
