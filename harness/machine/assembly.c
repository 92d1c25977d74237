#include "machine/assembly.h"

#include <string.h>

#define EIGHT "0,1,2,3,4,5,6,7"
#define TWELVE EIGHT ",8,9,10,11"

/* One instruction for each number k of a list, in a loop. All registers begin as the page, whose floats have all
 * digits. Registers 0 .. 11 take results, 13 .. 15 are constants. */
#if defined(__x86_64__)

#define LOOP(name, v, numbers, instruction)                                                                            \
  static void name(size_t turns, float *page) {                                                                        \
    __asm__ volatile(".irp k," TWELVE ",13,14,15\n vmovups (%1), %%" v                                                 \
                     "\\k\n .endr\n"                                                                                   \
                     "1:\n .irp k," numbers "\n" instruction "\n .endr\n dec %0\n jnz 1b\n vzeroupper\n"               \
                     : "+r"(turns)                                                                                     \
                     : "r"(page)                                                                                       \
                     : "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", \
                       "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");                                          \
  }

/* Of multiply-adds each overwrites one of its arguments: independent ones have it copied, which cores do by renaming.
 */
#define LOOPS(isa, v, bytes)                                                                                 \
  LOOP(isa##_fma_chained, v, TWELVE, "vfmadd213ps %%" v "14, %%" v "15, %%" v "\\k")                         \
  LOOP(isa##_fma, v, TWELVE, "vmovaps %%" v "13, %%" v "\\k\n vfmadd213ps %%" v "14, %%" v "15, %%" v "\\k") \
  LOOP(isa##_divide_chained, v, EIGHT, "vdivps %%" v "\\k, %%" v "15, %%" v "\\k")                           \
  LOOP(isa##_divide, v, EIGHT, "vdivps %%" v "14, %%" v "15, %%" v "\\k")                                    \
  LOOP(isa##_root, v, EIGHT, "vsqrtps %%" v "14, %%" v "\\k")                                                \
  LOOP(isa##_other, v, EIGHT, "vmaxps %%" v "14, %%" v "15, %%" v "\\k")                                     \
  LOOP(isa##_load, v, EIGHT, "vmovups \\k*" bytes "(%1), %%" v "\\k")                                        \
  LOOP(isa##_store, v, EIGHT, "vmovups %%" v "14, \\k*" bytes "(%1)")

LOOPS(avx2, "ymm", "32")
LOOPS(avx512, "zmm", "64")
#define HAVE(ISA) ISA(avx2) ISA(avx512)

#elif defined(__aarch64__)

#define LOOP(name, numbers, instruction)                                                                         \
  static void name(size_t turns, float *page) {                                                                  \
    __asm__ volatile(".irp k," TWELVE                                                                            \
                     ",13,14,15\n ldr q\\k, [%1]\n .endr\n"                                                      \
                     "1:\n .irp k," numbers "\n" instruction "\n .endr\n subs %0, %0, #1\n b.ne 1b\n"            \
                     : "+r"(turns)                                                                               \
                     : "r"(page)                                                                                 \
                     : "memory", "cc", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", \
                       "v13", "v14", "v15");                                                                     \
  }
LOOP(neon_fma_chained, TWELVE, "fmla v\\k\\().4s, v14.4s, v15.4s")
LOOP(neon_fma, TWELVE, "mov v\\k\\().16b, v13.16b\n fmla v\\k\\().4s, v14.4s, v15.4s")
LOOP(neon_divide_chained, EIGHT, "fdiv v\\k\\().4s, v15.4s, v\\k\\().4s")
LOOP(neon_divide, EIGHT, "fdiv v\\k\\().4s, v15.4s, v14.4s")
LOOP(neon_root, EIGHT, "fsqrt v\\k\\().4s, v14.4s")
LOOP(neon_other, EIGHT, "fmaxnm v\\k\\().4s, v14.4s, v15.4s")
LOOP(neon_load, EIGHT, "ldr q\\k, [%1, #\\k*16]")
LOOP(neon_store, EIGHT, "str q14, [%1, #\\k*16]")
#define HAVE(ISA) ISA(neon)

#else
#define HAVE(ISA)
#endif

const struct assembly *assembly_of(const char *isa) {
  static const struct assembly all[] = {
#define ROW(isa)                                                                \
  {#isa,                                                                        \
   {isa##_fma, isa##_divide, isa##_root, isa##_other, isa##_load, isa##_store}, \
   {[CORE_FMA] = isa##_fma_chained, [CORE_DIVIDE] = isa##_divide_chained}},
      HAVE(ROW){0}};
  for (const struct assembly *one = all; one->isa; one++)
    if (strcmp(one->isa, isa) == 0) return one;
  return NULL;
}
