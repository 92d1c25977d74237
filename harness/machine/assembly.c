/* Compiled once per ISA that has vectors. */
#include "lane/lane.h"
#include "machine/core.h"

#define EIGHT "0,1,2,3,4,5,6,7"
#define TWELVE EIGHT ",8,9,10,11"

/* One instruction for each number k of a list, in a loop. All registers begin as the page, whose floats have all
 * digits. Registers 0 .. 11 take results, 13 .. 15 are constants. */
#if defined(__x86_64__)

#if defined(__AVX512F__)
#define V "zmm"
#define BYTES "64"
#else
#define V "ymm"
#define BYTES "32"
#endif

#define LOOP(name, numbers, instruction)                                                                               \
  static void name(size_t turns, float *page) {                                                                        \
    __asm__ volatile(".irp k," TWELVE ",13,14,15\n vmovups (%1), %%" V                                                 \
                     "\\k\n .endr\n"                                                                                   \
                     ".p2align 6\n 1:\n .irp k," numbers "\n" instruction "\n .endr\n dec %0\n jnz 1b\n vzeroupper\n"  \
                     : "+r"(turns)                                                                                     \
                     : "r"(page)                                                                                       \
                     : "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", \
                       "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");                                          \
  }

/* A multiply-add overwrites one of its arguments: independent ones have it copied, which cores do by renaming. */
LOOP(multiply_add_chained, TWELVE, "vfmadd213ps %%" V "14, %%" V "15, %%" V "\\k")
LOOP(multiply_add, TWELVE, "vmovaps %%" V "13, %%" V "\\k\n vfmadd213ps %%" V "14, %%" V "15, %%" V "\\k")
LOOP(divide_chained, EIGHT, "vdivps %%" V "\\k, %%" V "15, %%" V "\\k")
LOOP(divide, EIGHT, "vdivps %%" V "14, %%" V "15, %%" V "\\k")
LOOP(square_root, EIGHT, "vsqrtps %%" V "14, %%" V "\\k")
LOOP(other, EIGHT, "vmaxps %%" V "14, %%" V "15, %%" V "\\k")
LOOP(load, EIGHT, "vmovups \\k*" BYTES "(%1), %%" V "\\k")
LOOP(store, EIGHT, "vmovups %%" V "14, \\k*" BYTES "(%1)")

#elif defined(__aarch64__)

#define LOOP(name, numbers, instruction)                                                                           \
  static void name(size_t turns, float *page) {                                                                    \
    __asm__ volatile(".irp k," TWELVE                                                                              \
                     ",13,14,15\n ldr q\\k, [%1]\n .endr\n"                                                        \
                     ".p2align 6\n 1:\n .irp k," numbers "\n" instruction "\n .endr\n subs %0, %0, #1\n b.ne 1b\n" \
                     : "+r"(turns)                                                                                 \
                     : "r"(page)                                                                                   \
                     : "memory", "cc", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11",   \
                       "v13", "v14", "v15");                                                                       \
  }

LOOP(multiply_add_chained, TWELVE, "fmla v\\k\\().4s, v14.4s, v15.4s")
LOOP(multiply_add, TWELVE, "mov v\\k\\().16b, v13.16b\n fmla v\\k\\().4s, v14.4s, v15.4s")
LOOP(divide_chained, EIGHT, "fdiv v\\k\\().4s, v15.4s, v\\k\\().4s")
LOOP(divide, EIGHT, "fdiv v\\k\\().4s, v15.4s, v14.4s")
LOOP(square_root, EIGHT, "fsqrt v\\k\\().4s, v14.4s")
LOOP(other, EIGHT, "fcmgt v\\k\\().4s, v14.4s, v15.4s\n bsl v\\k\\().16b, v14.16b, v15.16b")
LOOP(load, EIGHT, "ldr q\\k, [%1, #\\k*16]")
LOOP(store, EIGHT, "str q14, [%1, #\\k*16]")

#endif

extern const assembly GM_NAMED(gm_assembly);
const assembly GM_NAMED(gm_assembly) = {.independent = {multiply_add, divide, square_root, other, load, store},
                                        .chained = {[CORE_FMA] = multiply_add_chained, [CORE_DIVIDE] = divide_chained}};
