/* Copies of blocks of A and B in the order in which a tile reads them. */
#ifndef GM_LINEAR_PANELS_H
#define GM_LINEAR_PANELS_H

#include <string.h>

#include "linear/counts.h"
#include "linear/product.h"
#include "linear/tile.h"

enum {
  PAD = 16,   /* between panels, which would else begin in the same cache set; takes the overhang of copies */
  GROUP = 16, /* panels that are packed together */
};

/* Rows are cut evenly: 64 rows as 13, 13, 13, 13 and 12, not as four of 14 and one of 8. */
static inline size_t row_panels(size_t rows) { return divide_up(rows, MR); }

/* A panel of A holds its rows' elements for l0, then for l0 + 1, ... */
static inline size_t a_stride(const struct block *x) { return (x->l1 - x->l0) * MR + PAD; }
/* A panel of B holds NR columns of row l0, then of row l0 + 1, ... */
static inline size_t b_stride(const struct block *x) { return (x->l1 - x->l0) * NR + PAD; }

/* From where A is stored by columns: a group of panels at a time, so that the stores go to few places at once. */
static inline void pack_a_columns(const struct product *p, const struct block *x, float *to) {
  const size_t rows = x->i1 - x->i0, panels = row_panels(rows), stride = a_stride(x);
  for (size_t group = 0; group < panels; group += GROUP) {
    const size_t together = least(GROUP, panels - group);
    size_t begin[GROUP + 1];
    for (size_t g = 0; g <= together; g++) begin[g] = x->i0 + share(rows, panels, group + g);
    for (size_t l = 0; l < x->l1 - x->l0; l++) {
      const float *from = p->a + (x->l0 + l) * p->a_col;
      for (size_t g = 0; g < together; g++) {
        const size_t count = begin[g + 1] - begin[g];
        float *at = to + (group + g) * stride + l * count;
        for (size_t i = begin[g]; i < begin[g + 1]; i += V_WIDTH, at += V_WIDTH)
          v_store(at, v_load(from + i, p->m - i), V_WIDTH);
      }
    }
  }
}

/* From where A is stored by rows. */
static inline void pack_a_rows(const struct product *p, const struct block *x, float *to) {
  const size_t rows = x->i1 - x->i0, panels = row_panels(rows), stride = a_stride(x), depth = x->l1 - x->l0;
  for (size_t panel = 0; panel < panels; panel++, to += stride) {
    const size_t first = share(rows, panels, panel), count = share(rows, panels, panel + 1) - first;
    const float *from = p->a + (x->i0 + first) * p->a_row + x->l0;
    for (size_t l = 0; l < depth; l += V_WIDTH)
      for (size_t r = 0; r < count; r += V_WIDTH)
        v_transpose(to + l * count + r, count, from + r * p->a_row + l, p->a_row, count - r, depth - l);
  }
}

/* From where B is stored by rows. */
static inline void pack_b_rows(const struct product *p, const struct block *x, float *to) {
  const size_t stride = b_stride(x), depth = x->l1 - x->l0, together = GROUP * NR;
  for (size_t j0 = x->j0; j0 < x->j1; j0 += together, to += GROUP * stride)
    for (size_t l = 0; l < depth; l++) {
      const float *from = p->b + (x->l0 + l) * p->b_row;
      float *at = to + l * NR;
      for (size_t j = j0; j < least(x->j1, j0 + together); j += NR, at += stride)
        for (size_t v = 0; v < NR; v += V_WIDTH)
          v_store(at + v, j + v < x->j1 ? v_load(from + j + v, x->j1 - (j + v)) : v_zero(), V_WIDTH);
    }
}

/* From where B is stored by columns. Columns that are not there become zeros. */
static inline void pack_b_columns(const struct product *p, const struct block *x, float *to) {
  const size_t stride = b_stride(x), depth = x->l1 - x->l0;
  for (size_t j = x->j0; j < x->j1; j += NR, to += stride) {
    const size_t columns = least(NR, x->j1 - j);
    const float *from = p->b + j * p->b_col + x->l0;
    if (columns < NR) memset(to, 0, depth * NR * sizeof(float));
    for (size_t l = 0; l < depth; l += V_WIDTH)
      for (size_t v = 0; v < columns; v += V_WIDTH)
        v_transpose(to + l * NR + v, NR, from + v * p->b_col + l, p->b_col, columns - v, depth - l);
  }
}

static inline void pack_a(const struct product *p, const struct block *x, float *to) {
  if (p->a_row == 1)
    pack_a_columns(p, x, to);
  else
    pack_a_rows(p, x, to);
}

static inline void pack_b(const struct product *p, const struct block *x, float *to) {
  if (p->b_col == 1)
    pack_b_rows(p, x, to);
  else
    pack_b_columns(p, x, to);
}

#endif
