/* C = A B by way of its transpose, for A with few rows and B stored by columns: C^T = B^T A^T.
 *
 * Vectors run along the rows of A, so A is what must be packed, once; the larger B is read where it is, a number at a
 * time. Every element of C is added up in the same blocks as in multiply.h, with the same bits. */
#ifndef GM_LINEAR_MULTIPLY_TRANSPOSED_H
#define GM_LINEAR_MULTIPLY_TRANSPOSED_H

#include "linear/multiply.h"

enum { LINE_FLOATS = 16 }; /* columns of C that threads share: none writes into a cache line of another */

/* Worth it where A fills the vectors and packing it is less than packing B, or few columns of C would leave most of
 * their vectors empty; A stays in L2. Rows of B that all lie in one cache set cannot be read side by side. */
static inline bool is_better_transposed(const struct product *p) {
  enum { WAY_FLOATS = 1024 };
  const bool fits = p->b_row == 1 && p->a_col == 1 && p->m >= V_WIDTH && p->m * p->k <= L2_FLOATS;
  return fits && (p->m < p->n ? p->b_col % WAY_FLOATS != 0 : 2 * p->n < V_WIDTH);
}

static inline struct block all_of_a(const struct product *p) { return (struct block){.j1 = p->m, .l1 = p->k}; }

static inline size_t transposed_units(const struct product *p) { return divide_up(p->n, LINE_FLOATS); }

static inline size_t transposed_scratch(const struct product *p) {
  const struct block all = all_of_a(p);
  return (MR * NR + divide_up(p->m, NR) * b_stride(&all)) * sizeof(float);
}

/* A tile of C^T (rows x columns, from `first` and `column` on) goes to its place in C. */
static inline void put_transposed(const struct product *p, size_t first, size_t rows, size_t column, size_t columns,
                                  const float *tile) {
  for (size_t v = 0; v < columns; v += V_WIDTH)
    for (size_t r = 0; r < rows; r += V_WIDTH)
      v_transpose(p->c + (column + v) * p->n + first + r, p->n, tile + r * NR + v, NR, rows - r, columns - v);
}

static inline void multiply_transposed_units(const struct product *p, size_t begin, size_t end, float *memory) {
  const struct block all = all_of_a(p);
  const struct product transposed = {.b = p->a, .b_row = 1, .b_col = p->a_row};
  const size_t i0 = begin * LINE_FLOATS, i1 = least(p->n, end * LINE_FLOATS), panels = row_panels(i1 - i0);
  const size_t deep = term_blocks(p->k);
  float *own = memory, *packed = memory + MR * NR;
  pack_b_columns(&transposed, &all, packed);
  for (size_t panel = 0; panel < panels; panel++) {
    const size_t first = i0 + share(i1 - i0, panels, panel), rows = i0 + share(i1 - i0, panels, panel + 1) - first;
    const float *b = packed;
    for (size_t j = 0; j < p->m; j += NR, b += b_stride(&all)) {
      const size_t columns = least(NR, p->m - j);
      for (size_t l = 0; l < deep; l++) {
        const size_t l0 = share(p->k, deep, l);
        const struct tile tile = {.depth = share(p->k, deep, l + 1) - l0,
                                  .a = p->b + first * p->b_col + l0,
                                  .a_row = p->b_col,
                                  .a_step = 1,
                                  .b = b + l0 * NR,
                                  .b_step = NR,
                                  .c = own,
                                  .c_step = NR,
                                  .from_zero = l == 0};
        run_tile(rows, columns, &tile);
      }
      put_transposed(p, first, rows, j, columns, own);
    }
  }
  if (p->finish) p->finish(p, 0, p->m, i0, i1);
}

#endif
