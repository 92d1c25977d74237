/* Any share of a product's C, block by block.
 *
 * After Goto and van de Geijn, "Anatomy of high-performance matrix multiplication" (2008): a tile of C stays in
 * registers while k runs, and what it reads of large matrices was copied to panels in the order of reading, so that no
 * stride of the caller's arrays (4096 bytes: all rows in one cache set) reaches the inner loop.
 *
 * The terms of an element of C are added up in blocks of k (counts.h), each a chain of fused multiply-adds in the order
 * of k, from zero in registers; C, or what it held, takes the blocks' sums one after the other. So its bits depend
 * neither on how C is cut nor on the threads nor on the vector's width. */
#ifndef GM_LINEAR_MULTIPLY_H
#define GM_LINEAR_MULTIPLY_H

#include "linear/panels.h"

enum {
  NC = 512,            /* a block of B (KC x NC, 512 KiB) stays in L2 while all panels of A go over it */
  MC = 1024,           /* a block of A (MC x KC, 1 MiB) comes from beyond, once per block of B */
  L2_FLOATS = 1 << 18, /* 1 MiB */
  UNITS_WANTED = 64,   /* per product: work for dozens of threads */
  MOST_BANDS = 8,
  BAND_ROWS = 8, /* at least: eight rows of two vectors keep both multipliers busy */
};

struct scratch {
  float *a, *b, *c; /* panels of A, panels of B, a tile of C */
};

/* A matrix that stays in L2 is read where it is, and so is one that few tiles read: copying would take as long. */
static inline bool packs_a(const struct product *p) { return p->n > 8 * NR && p->m * p->k > L2_FLOATS; }

static inline bool packs_b(const struct product *p) {
  return p->b_col != 1 || (p->m > 2 * MR && p->n * p->k > L2_FLOATS);
}

/* ---- blocks ----------------------------------------------------------------------------------------------------- */

static inline void copy_tile(float *to, size_t to_step, const float *from, size_t from_step, size_t rows,
                             size_t columns) {
  for (size_t r = 0; r < rows; r++, to += to_step, from += from_step)
    for (size_t j = 0; j < columns; j += V_WIDTH) v_store(to + j, v_load(from + j, columns - j), columns - j);
}

/* A tile that does not fill its vectors is computed in scratch. */
static inline void narrow_tile(size_t rows, size_t columns, struct tile tile, float *own) {
  float *const c = tile.c;
  const size_t c_step = tile.c_step;
  if (!tile.from_zero) copy_tile(own, NR, c, c_step, rows, columns);
  tile.c = own, tile.c_step = NR;
  run_tile(rows, columns, &tile);
  copy_tile(c, c_step, own, NR, rows, columns);
}

/* One panel of A over all panels of B. */
static inline void panel_by_block(const struct product *p, const struct block *x, size_t i, size_t rows, const float *a,
                                  const struct scratch *s) {
  const bool packed_a = packs_a(p), packed_b = packs_b(p);
  struct tile tile = {.depth = x->l1 - x->l0,
                      .a = packed_a ? a : p->a + i * p->a_row + x->l0 * p->a_col,
                      .a_row = packed_a ? 1 : p->a_row,
                      .a_step = packed_a ? rows : p->a_col,
                      .c = p->c + i * p->n + x->j0,
                      .c_step = p->n,
                      .from_zero = !p->accumulate && x->l0 == 0};
  const float *panel = s->b;
  for (size_t j = x->j0; j < x->j1; j += NR, panel += packed_b ? b_stride(x) : 0, tile.c += NR) {
    const size_t columns = least(NR, x->j1 - j);
    const bool whole = columns % V_WIDTH == 0;
    tile.b = packed_b || !whole ? panel : p->b + x->l0 * p->b_row + j;
    tile.b_step = packed_b || !whole ? NR : p->b_row;
    if (whole)
      run_tile(rows, columns, &tile);
    else
      narrow_tile(rows, columns, tile, s->c);
  }
  if (p->finish && x->l1 == p->k) p->finish(p, i, i + rows, x->j0, x->j1);
}

static inline void block_by_block(const struct product *p, const struct block *x, const struct scratch *s) {
  const size_t rows = x->i1 - x->i0, panels = row_panels(rows);
  for (size_t panel = 0; panel < panels; panel++) {
    const size_t first = share(rows, panels, panel), count = share(rows, panels, panel + 1) - first;
    panel_by_block(p, x, x->i0 + first, count, s->a + panel * a_stride(x), s);
  }
}

/* The columns beyond whole panels, of which a tile reads whole vectors. */
static inline void pack_last_b(const struct product *p, const struct block *x, float *to) {
  struct block last = *x;
  last.j0 += (x->j1 - x->j0) / NR * NR;
  pack_b(p, &last, to);
}

/* Rows i0 .. i1 of C over columns j0 .. j1 (a multiple of NR, and a multiple or n). */
static inline void rectangle(const struct product *p, size_t i0, size_t i1, size_t j0, size_t j1,
                             const struct scratch *s) {
  const size_t columns = divide_up(j1 - j0, NR);
  const size_t across = divide_up(j1 - j0, NC), down = divide_up(i1 - i0, MC), deep = term_blocks(p->k);
  for (size_t i = 0; i < down; i++)
    for (size_t l = 0; l < deep; l++) {
      struct block x = {.i0 = i0 + share(i1 - i0, down, i),
                        .i1 = i0 + share(i1 - i0, down, i + 1),
                        .l0 = share(p->k, deep, l),
                        .l1 = share(p->k, deep, l + 1)};
      if (packs_a(p)) pack_a(p, &x, s->a);
      for (size_t j = 0; j < across; j++) {
        x.j0 = j0 + share(columns, across, j) * NR;
        x.j1 = least(j1, j0 + share(columns, across, j + 1) * NR);
        if (packs_b(p))
          pack_b(p, &x, s->b);
        else if ((x.j1 - x.j0) % V_WIDTH)
          pack_last_b(p, &x, s->b);
        block_by_block(p, &x, s);
      }
    }
}

/* ---- shares of the work ----------------------------------------------------------------------------------------- */

/* C is cut into bands of rows and strips of columns. A unit is where a band and a strip meet; units are counted along
 * the bands if threads are to share the rows, else along the strips. Threads take neighbouring units, so they mostly
 * have whole bands or strips, which are then computed as one rectangle, however narrow they are. */
static inline size_t bands(const struct product *p) {
  size_t count = 1;
  while (count < MOST_BANDS && p->m / (2 * count) >= BAND_ROWS) count *= 2;
  return count;
}
static inline size_t strips(const struct product *p) {
  return least(divide_up(UNITS_WANTED, bands(p)), divide_up(p->n, NR));
}
static inline size_t units(const struct product *p) { return bands(p) * strips(p); }

static inline size_t band_begin(const struct product *p, size_t band) { return share(p->m, bands(p), band); }
static inline size_t strip_begin(const struct product *p, size_t strip) {
  return least(p->n, share(divide_up(p->n, NR), strips(p), strip) * NR);
}

static inline void multiply_units(const struct product *p, size_t begin, size_t end, const struct scratch *s) {
  const size_t across = p->share_rows ? strips(p) : bands(p);
  while (begin < end) {
    const size_t line = begin / across, first = begin % across, rest = end - begin;
    const bool whole = first == 0 && rest >= across;
    const size_t lines = whole ? rest / across : 1, last = least(across, first + rest);
    if (p->share_rows)
      rectangle(p, band_begin(p, line), band_begin(p, line + lines), strip_begin(p, first), strip_begin(p, last), s);
    else
      rectangle(p, band_begin(p, first), band_begin(p, last), strip_begin(p, line), strip_begin(p, line + lines), s);
    begin += whole ? lines * across : last - first;
  }
}

/* Floats, whole cache lines, for one thread's scratch. */
struct scratch_sizes {
  size_t a, b, c;
};
static inline struct scratch_sizes scratch_sizes(const struct product *p) {
  const struct block x = {.l1 = least(KC, p->k)};
  const bool narrow = p->n % V_WIDTH != 0;
  return (struct scratch_sizes){.a = packs_a(p) ? row_panels(least(MC, p->m)) * a_stride(&x) : 0,
                                .b = packs_b(p) ? divide_up(least(NC, p->n), NR) * b_stride(&x)
                                     : narrow   ? b_stride(&x)
                                                : 0,
                                .c = narrow ? MR * NR : 0};
}
static inline size_t scratch_of(const struct product *p) {
  const struct scratch_sizes size = scratch_sizes(p);
  return (size.a + size.b + size.c) * sizeof(float);
}
static inline struct scratch scratch_in(float *memory, const struct product *p) {
  const struct scratch_sizes size = scratch_sizes(p);
  return (struct scratch){.b = memory, .c = memory + size.b, .a = memory + size.b + size.c};
}

#endif
