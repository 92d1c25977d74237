/* A tile of C = or += A B in registers: up to MR rows of NR columns, while k runs over `depth` terms. They are added up
 * from zero, and their sum is then what C is, or what is added to it. */
#ifndef GM_LINEAR_TILE_H
#define GM_LINEAR_TILE_H

#include <stdbool.h>

#include "lane/lane.h"

/* Accumulators, two vectors of B and a broadcast of A fill the registers: 2 * 14 + 3 of 32, 2 * 6 + 3 of 16. */
#define SIX_ROWS(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5)
#if V_REGISTERS == 32
#define EACH_ROW(DO) SIX_ROWS(DO) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11) DO(12) DO(13)
enum { MR = 14 };
#else
#define EACH_ROW(DO) SIX_ROWS(DO)
enum { MR = 6 };
#endif

/* The tile's named accumulators leave a compiler nothing to make vectors of: over single floats they run at 15% of the
 * AVX2 peak. There rows of 64 columns are swept in L1, in a loop over columns, which reaches 50%. */
#define GM_SWEEPS_autovec 1
#if GM_PASTE(GM_SWEEPS, GM_ISA)
#define SWEEP 1
#define NR ((size_t)64)
#else
#define SWEEP 0
#define NR ((size_t)(2 * V_WIDTH))
#endif

struct tile {
  size_t depth;
  const float *a;
  size_t a_row, a_step; /* element (r, l) of A is a[r * a_row + l * a_step] */
  const float *b;
  size_t b_step; /* element (l, j) of B is b[l * b_step + j] */
  float *c;
  size_t c_step;
  bool from_zero; /* C is written, not added to */
};

typedef void tile_body(const struct tile *tile);

#if SWEEP
#include "linear/sweep.h"
#else

/* Rows are reached from every third one: one pointer for each would not fit into the registers. */
#define ROW(r) (r < 3 ? a0 : r < 6 ? a3 : r < 9 ? a6 : r < 12 ? a9 : a12)[r % 3 * a_row]

/* Rows of C are walked: a compiler that sees all their addresses at once computes and spills the lot, which takes as
 * long as several terms. */
#define WALK(pointer, step) \
  (pointer) += (step);      \
  __asm__("" : "+r"(pointer))

GM_INLINE void tile_of(size_t rows, size_t vectors, const struct tile *tile) {
#define START(r) v_f32 c##r##0 = v_zero(), c##r##1 = v_zero();
#define FETCH(r)                                           \
  if (r < rows) {                                          \
    __builtin_prefetch(at, 1);                             \
    if (vectors == 2) __builtin_prefetch(at + V_WIDTH, 1); \
    WALK(at, c_step);                                      \
  }
#define STEP(r)                                        \
  if (r < rows) {                                      \
    const v_f32 x = v_load_all(&ROW(r));               \
    c##r##0 = v_fma(x, b0, c##r##0);                   \
    if (vectors == 2) c##r##1 = v_fma(x, b1, c##r##1); \
  }
#define ADD(r)                                                                 \
  if (r < rows) {                                                              \
    c##r##0 = v_add(v_load(at, V_WIDTH), c##r##0);                             \
    if (vectors == 2) c##r##1 = v_add(v_load(at + V_WIDTH, V_WIDTH), c##r##1); \
    WALK(at, c_step);                                                          \
  }
#define STORE(r)                                              \
  if (r < rows) {                                             \
    v_store(c, c##r##0, V_WIDTH);                             \
    if (vectors == 2) v_store(c + V_WIDTH, c##r##1, V_WIDTH); \
    WALK(c, c_step);                                          \
  }
  const size_t a_row = tile->a_row, a_step = tile->a_step, b_step = tile->b_step, c_step = tile->c_step;
  const float *a0 = tile->a, *a3 = a0 + 3 * a_row, *a6 = a3 + 3 * a_row, *a9 = a6 + 3 * a_row, *a12 = a9 + 3 * a_row;
  const float *b = tile->b, *at = tile->c;
  float *c = tile->c;
  EACH_ROW(START)
  EACH_ROW(FETCH)
  for (size_t l = tile->depth; l > 0; l--) {
    const v_f32 b0 = v_load(b, V_WIDTH), b1 = vectors == 2 ? v_load(b + V_WIDTH, V_WIDTH) : b0;
    EACH_ROW(STEP)
    a0 += a_step, a3 += a_step, a6 += a_step, a9 += a_step, a12 += a_step, b += b_step;
  }
  if (!tile->from_zero) {
    at = c;
    EACH_ROW(ADD)
  }
  EACH_ROW(STORE)
}

#define TILE(r, vectors) \
  static void tile_##r##_##vectors(const struct tile *tile) { tile_of(r + 1, vectors, tile); }
#define TILES(r) TILE(r, 1) TILE(r, 2)
EACH_ROW(TILES)

#define ENTRY(r) {tile_##r##_1, tile_##r##_2},
static tile_body *const tiles_of[MR][2] = {EACH_ROW(ENTRY)};

/* Whole vectors are computed: up to `columns`, 1 .. NR, B and C must hold them. */
static inline void run_tile(size_t rows, size_t columns, const struct tile *tile) {
  tiles_of[rows - 1][columns > V_WIDTH](tile);
}

#endif
#endif
