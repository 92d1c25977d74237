/* The lane vocabulary: some forty functions over one float vector `v_f32` and one mask `v_mask`, defined by one header
 * per ISA. Which one is included, and how names end, the build says: GM_LANE ("lane/avx512.h"), GM_ISA (avx512_fast)
 * and GM_FAST (1 where roots and divisions may be estimated).
 *
 * What every lane header must keep:
 * - all functions are static inline: a shared inline function would let the linker keep one ISA's copy for all;
 * - v_load and v_store touch `count` elements and not a byte more; count >= V_WIDTH is a whole vector; lanes beyond
 *   count are zero after a load, and the lanes of `other` after v_load_or; v_keep makes them zero;
 * - v_load_i8 and v_store_i8 do the same to bytes, which in a lane are whole numbers: every lane of -128 .. 127 is
 *   stored as the nearest one, ties to even; of any other lane nothing is promised;
 * - v_fma(a,b,c) = a b + c and v_fnma(a,b,c) = c - a b, rounded once where V_FUSED; v_div and v_sqrt are
 *   correctly rounded; contraction is off, so nothing else is ever fused;
 * - v_max(a,b) = a > b ? a : b and v_min(a,b) = a < b ? a : b: with a NaN on either side, the second argument;
 * - v_where(m, a) is a where m is set and zero elsewhere, v_unless(m, a) the other way round;
 * - v_fms(a,b,c) = a b - c as v_fma; v_neg_abs(a) = -|a|; v_copysign sets the sign bit where `sign` has one, of a
 *   magnitude that has none, or the same;
 * - v_load_all has *p in every lane;
 * - v_pow2 of n + GM_POWER_ROUNDER is 2^n, for an integral n in -126 .. 127: the sum's last bits are the exponent;
 * - v_scale(a, n, n + GM_SCALE_ROUNDER) = a 2^n, rounded once, for an integral n in -252 .. 254 and an a of which
 *   a 2^(n/2) is a normal number, such as 1/2 .. 2, or any a for n = 0, or NaN for a NaN; an ISA takes whichever of n
 *   and the sum it can do more with;
 * - v_split gives the fraction, in 3/4 .. 3/2, of a positive finite number a = fraction 2^exponent, subnormal or not,
 *   and writes the exponent, which v_exponent is alone;
 * - v_sum adds the lanes halves first: lane l and lane l + V_WIDTH/2, and so on, so that sums have one order;
 * - v_largest is the largest lane of a vector without NaN; which of two zeros is open;
 * - v_transpose_columns is v_transpose (below) for V_WIDTH columns and up to V_WIDTH rows;
 * - a lane value is never a struct member, an array element or a global, so that vectors without a size known to the
 *   compiler (SVE, RISC-V V) fit in; V_WIDTH may be a call there.
 */
#ifndef GM_LANE_H
#define GM_LANE_H

#include GM_LANE

#define GM_PASTE_(a, b) a##_##b
#define GM_PASTE(a, b) GM_PASTE_(a, b)
/* GM_NAMED(gm_adamw_f32) is gm_adamw_f32_avx512 in the objects of avx512. */
#define GM_NAMED(name) GM_PASTE(name, GM_ISA)

/* Added to a number and taken away again, round it to an integer, which is also in the last bits of the sum: with what
 * an exponent field has more than the exponent, or twice that. */
#define GM_POWER_ROUNDER (0x1.8p23f + 127)
#define GM_SCALE_ROUNDER (0x1.8p23f + 254)

#if V_COMPOSED
#include "lane/composed.h"
#endif

#define GM_INLINE static inline __attribute__((always_inline))

static inline v_f32 v_zero(void) { return v_set(0.0f); }

/* x, held in a register. Of what was loaded and is used twice a compiler makes two loads, for which it saves a copy:
 * too many where loads bind. */
#ifndef V_HOLDS
static inline v_f32 v_hold(v_f32 x) { return x; }
#endif

/* Where an ISA has no stores past the caches they are ordinary ones. v_streamed() ends what was streamed. */
#ifndef V_STREAMS
#define V_STREAMS 0
static inline void v_store_streaming(float *p, v_f32 x) { v_store(p, x, V_WIDTH); }
static inline void v_streamed(void) {}
#endif

/* Fetches the line of *p into the nearest cache; a lane header that walks no memory says so. */
#ifndef V_PREFETCHES
#define V_PREFETCHES 1
#endif
static inline void v_prefetch(const void *p) {
  if (V_PREFETCHES) __builtin_prefetch(p);
}

/* to[j * to_step + i] = from[i * from_step + j] for i < rows and j < columns, each up to V_WIDTH; a larger count is
 * V_WIDTH. Nothing else is read or written. */
GM_INLINE void v_transpose(float *to, size_t to_step, const float *from, size_t from_step, size_t rows,
                           size_t columns) {
  rows = rows < V_WIDTH ? rows : V_WIDTH;
  if (columns >= V_WIDTH) {
    v_transpose_columns(to, to_step, from, from_step, rows);
    return;
  }
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++) to[j * to_step + i] = from[i * from_step + j];
}

/* a / b and a / sqrt(b), exact or by an estimate and Newton steps, as the implementation's name says. */
#if GM_FAST
#include "lane/fast.h"
#else
static inline v_f32 v_quotient(v_f32 a, v_f32 b) { return v_div(a, b); }
static inline v_f32 v_mul_rsqrt(v_f32 a, v_f32 b) { return v_div(a, v_sqrt(b)); }
#endif

#include "lane/loop.h"

#endif
