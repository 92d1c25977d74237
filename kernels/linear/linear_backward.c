#include "body.h"

/* Two products of one form, C (m x n) = or += A (m x k) B (k x n), with B and C row-major:
 *   input_grads   =  output_grads    weights   m = batch, k = out
 *   weight_grads  += output_grads^T  inputs    m = out,   k = batch
 *
 * After Goto and van de Geijn, "Anatomy of high-performance matrix multiplication" (2008): a tile of C stays in
 * registers while k runs, and what it reads was copied to panels in the order of reading, so that no stride of the
 * caller's arrays (4096 bytes: all rows in one cache set) reaches the inner loop.
 *
 * Every element of C is one chain of fused multiply-adds in the order of k, continued through memory from one block of
 * k to the next: its bits depend neither on the blocking nor on the threads nor on the vector's width. */

/* A tile has up to MR rows of two vectors. Accumulators, two vectors of B and a broadcast of A fill the registers:
 * 2 * 14 + 3 of 32, 2 * 6 + 3 of 16. */
#define SIX_ROWS(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5)
#if defined(__AVX512F__) || defined(__aarch64__)
#define EACH_ROW(DO) SIX_ROWS(DO) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11) DO(12) DO(13)
enum { MR = 14 };
#else
#define EACH_ROW(DO) SIX_ROWS(DO)
enum { MR = 6 };
#endif

/* With SWEEP, a tile is not held in registers but swept as rows of 64 columns in L1 (linear_backward_autovec.c). */
#ifndef SWEEP
#define SWEEP 0
#endif
#define NR ((size_t)(SWEEP ? 64 : 2 * V_WIDTH))

enum {
  KC = 256,          /* a panel of A (MR x KC, 14 KiB) stays in L1 while the panels of B stream past it */
  NC = 512,          /* a block of B (KC x NC, 512 KiB) stays in L2 while all panels of A go over it */
  MC = 1024,         /* a block of A (MC x KC, 1 MiB) comes from beyond, once per block of B */
  PAD = 16,          /* between panels, which would else begin in the same cache set; takes the overhang of copies */
  GROUP = 16,        /* panels that are packed together */
  UNITS_WANTED = 64, /* per product: work for dozens of threads */
};

struct product {
  size_t m, n, k;
  const float *a;
  size_t a_row, a_col; /* element (i, l) of A is a[i * a_row + l * a_col]; one of the two is 1 */
  const float *b;
  float *c;
  bool accumulate;
};

/* Rows i0 .. i1 and columns j0 .. j1 of C, terms l0 .. l1 of k. */
struct block {
  size_t i0, i1, j0, j1, l0, l1;
};

struct scratch {
  float *a, *b, *c; /* panels of A, panels of B, a tile of C */
};

static size_t divide_up(size_t a, size_t b) { return a / b + (a % b != 0); }
static size_t least(size_t a, size_t b) { return a < b ? a : b; }
static size_t largest(size_t a, size_t b) { return a > b ? a : b; }

/* Where part `index` of `parts` nearly equal ones begins. */
static size_t share(size_t total, size_t parts, size_t index) {
  return total / parts * index + total % parts * index / parts;
}

/* ---- panels ----------------------------------------------------------------------------------------------------- */

/* Rows are cut evenly: 64 rows as 13, 13, 13, 13 and 12, not as four of 14 and one of 8. */
static size_t row_panels(size_t rows) { return divide_up(rows, MR); }

/* A panel of A holds its rows' elements for l0, then for l0 + 1, ... */
static size_t a_stride(const struct block *x) { return (x->l1 - x->l0) * MR + PAD; }
/* A panel of B holds NR columns of row l0, then of row l0 + 1, ... */
static size_t b_stride(const struct block *x) { return (x->l1 - x->l0) * NR + PAD; }

/* From where A is stored by columns: a group of panels at a time, so that the stores go to few places at once. */
static void pack_a_columns(const struct product *p, const struct block *x, float *to) {
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

/* From where A is stored by rows: four rows at a time, so that the stores are neighbours. */
static void pack_a_rows(const struct product *p, const struct block *x, float *to) {
  const size_t rows = x->i1 - x->i0, panels = row_panels(rows), stride = a_stride(x), depth = x->l1 - x->l0;
  for (size_t panel = 0; panel < panels; panel++, to += stride) {
    const size_t first = share(rows, panels, panel), count = share(rows, panels, panel + 1) - first;
    const float *from = p->a + (x->i0 + first) * p->a_row + x->l0;
    size_t r = 0;
    for (; r + 4 <= count; r += 4) {
      const float *r0 = from + r * p->a_row, *r1 = r0 + p->a_row, *r2 = r1 + p->a_row, *r3 = r2 + p->a_row;
      float *restrict at = to + r;
      for (size_t l = 0; l < depth; l++, at += count) at[0] = r0[l], at[1] = r1[l], at[2] = r2[l], at[3] = r3[l];
    }
    for (; r < count; r++)
      for (size_t l = 0; l < depth; l++) to[l * count + r] = from[r * p->a_row + l];
  }
}

static void pack_b(const struct product *p, const struct block *x, float *to) {
  const size_t stride = b_stride(x), depth = x->l1 - x->l0, together = GROUP * NR;
  for (size_t j0 = x->j0; j0 < x->j1; j0 += together, to += GROUP * stride)
    for (size_t l = 0; l < depth; l++) {
      const float *from = p->b + (x->l0 + l) * p->n;
      float *at = to + l * NR;
      for (size_t j = j0; j < least(x->j1, j0 + together); j += NR, at += stride)
        for (size_t v = 0; v < NR; v += V_WIDTH)
          v_store(at + v, j + v < x->j1 ? v_load(from + j + v, x->j1 - (j + v)) : v_zero(), V_WIDTH);
    }
}

static void copy_tile(float *to, size_t to_step, const float *from, size_t from_step, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++, to += to_step, from += from_step)
    for (size_t j = 0; j < columns; j += V_WIDTH) v_store(to + j, v_load(from + j, columns - j), columns - j);
}

/* ---- the tile --------------------------------------------------------------------------------------------------- */

/* C (rows x vectors) = or += A B over `depth` terms; `next` is the tile of C that comes next. */
typedef void tile_body(size_t depth, const float *a, const float *b, size_t b_step, float *c, size_t c_step,
                       bool from_zero, const float *next);

GM_INLINE void tile(size_t rows, size_t vectors, size_t depth, const float *a, const float *b, size_t b_step, float *c,
                    size_t c_step, bool from_zero, const float *next) {
#define START(r) v_f32 c##r##0 = v_zero(), c##r##1 = v_zero();
#define LOAD(r)                                                            \
  if (r < rows) {                                                          \
    c##r##0 = v_load(c + r * c_step, V_WIDTH);                             \
    if (vectors == 2) c##r##1 = v_load(c + r * c_step + V_WIDTH, V_WIDTH); \
  }
#define FETCH(r)                                                          \
  if (r < rows) {                                                         \
    __builtin_prefetch(next + r * c_step, 1);                             \
    if (vectors == 2) __builtin_prefetch(next + r * c_step + V_WIDTH, 1); \
  }
#define STEP(r)                                        \
  if (r < rows) {                                      \
    const v_f32 x = v_set(a[r]);                       \
    c##r##0 = v_fma(x, b0, c##r##0);                   \
    if (vectors == 2) c##r##1 = v_fma(x, b1, c##r##1); \
  }
#define STORE(r)                                                           \
  if (r < rows) {                                                          \
    v_store(c + r * c_step, c##r##0, V_WIDTH);                             \
    if (vectors == 2) v_store(c + r * c_step + V_WIDTH, c##r##1, V_WIDTH); \
  }
  EACH_ROW(START)
  if (!from_zero) {
    EACH_ROW(LOAD)
  }
  EACH_ROW(FETCH)
  for (size_t l = 0; l < depth; l++, a += rows, b += b_step) {
    const v_f32 b0 = v_load(b, V_WIDTH), b1 = vectors == 2 ? v_load(b + V_WIDTH, V_WIDTH) : b0;
    EACH_ROW(STEP)
  }
  EACH_ROW(STORE)
}

#define TILE(r, vectors)                                                                                  \
  static void tile_##r##_##vectors(size_t depth, const float *a, const float *b, size_t b_step, float *c, \
                                   size_t c_step, bool from_zero, const float *next) {                    \
    tile(r + 1, vectors, depth, a, b, b_step, c, c_step, from_zero, next);                                \
  }
#define TILES(r) TILE(r, 1) TILE(r, 2)
EACH_ROW(TILES)

#define ENTRY(r) {tile_##r##_1, tile_##r##_2},
static tile_body *const tiles_of[MR][2] = {EACH_ROW(ENTRY)};

/* The same over rows of C that stay in L1, two rows and four terms at a time, in a loop that a compiler can make
 * vectors of. */
GM_INLINE void sweep_rows(size_t rows, size_t terms, size_t columns, const float *a, size_t a_step, const float *b,
                          float *restrict c, float *restrict d) {
  const bool two = rows == 2, four = terms == 4;
  const v_f32 c0 = v_set(a[0]), d0 = two ? v_set(a[1]) : c0;
  const v_f32 c1 = four ? v_set(a[a_step]) : c0, d1 = four && two ? v_set(a[a_step + 1]) : c0;
  const v_f32 c2 = four ? v_set(a[2 * a_step]) : c0, d2 = four && two ? v_set(a[2 * a_step + 1]) : c0;
  const v_f32 c3 = four ? v_set(a[3 * a_step]) : c0, d3 = four && two ? v_set(a[3 * a_step + 1]) : c0;
  for (size_t j = 0; j < columns; j += V_WIDTH) {
    v_f32 x = v_load(b + j, V_WIDTH), sum = v_fma(c0, x, v_load(c + j, V_WIDTH));
    v_f32 other = two ? v_fma(d0, x, v_load(d + j, V_WIDTH)) : sum;
    if (four) {
      x = v_load(b + NR + j, V_WIDTH), sum = v_fma(c1, x, sum), other = v_fma(d1, x, other);
      x = v_load(b + 2 * NR + j, V_WIDTH), sum = v_fma(c2, x, sum), other = v_fma(d2, x, other);
      x = v_load(b + 3 * NR + j, V_WIDTH), sum = v_fma(c3, x, sum), other = v_fma(d3, x, other);
    }
    v_store(c + j, sum, V_WIDTH);
    if (two) v_store(d + j, other, V_WIDTH);
  }
}

static void sweep(size_t rows, size_t columns, size_t depth, const float *a, const float *b, float *c) {
  for (size_t l = 0; l < depth; l += depth - l >= 4 ? 4 : 1)
    for (size_t r = 0; r < rows; r += 2) {
      const bool two = rows - r >= 2, four = depth - l >= 4;
      const float *from = a + l * rows + r, *terms = b + l * NR;
      float *to = c + r * NR, *other = two ? to + NR : to;
      if (two && four)
        sweep_rows(2, 4, columns, from, rows, terms, to, other);
      else if (four)
        sweep_rows(1, 4, columns, from, rows, terms, to, other);
      else if (two)
        sweep_rows(2, 1, columns, from, rows, terms, to, other);
      else
        sweep_rows(1, 1, columns, from, rows, terms, to, other);
    }
}

/* ---- blocks ----------------------------------------------------------------------------------------------------- */

/* A tile whose columns are not NR, or that is swept, is computed in scratch. */
static void scratch_tile(const struct product *p, size_t rows, size_t columns, size_t depth, const float *a,
                         const float *b, float *c, bool from_zero, float *own) {
  if (!from_zero) copy_tile(own, NR, c, p->n, rows, columns);
  if (SWEEP) {
    if (from_zero)
      for (size_t j = 0; j < rows * NR; j++) own[j] = 0;
    sweep(rows, columns, depth, a, b, own);
  } else {
    tiles_of[rows - 1][columns > V_WIDTH](depth, a, b, NR, own, NR, from_zero, own);
  }
  copy_tile(c, p->n, own, NR, rows, columns);
}

/* One panel of A over all panels of B. */
static void panel_by_block(const struct product *p, const struct block *x, size_t i, size_t rows, const float *a,
                           const struct scratch *s) {
  const size_t depth = x->l1 - x->l0;
  const bool from_zero = !p->accumulate && x->l0 == 0;
  float *c = p->c + i * p->n;
  const float *b = s->b;
  for (size_t j = x->j0; j < x->j1; j += NR, b += b_stride(x))
    if (SWEEP || x->j1 - j < NR)
      scratch_tile(p, rows, least(NR, x->j1 - j), depth, a, b, c + j, from_zero, s->c);
    else
      tiles_of[rows - 1][1](depth, a, b, NR, c + j, p->n, from_zero, c + (x->j1 - j > NR ? j + NR : x->j0));
}

static void block_by_block(const struct product *p, const struct block *x, const struct scratch *s) {
  const size_t rows = x->i1 - x->i0, panels = row_panels(rows);
  for (size_t panel = 0; panel < panels; panel++) {
    const size_t first = share(rows, panels, panel), count = share(rows, panels, panel + 1) - first;
    panel_by_block(p, x, x->i0 + first, count, s->a + panel * a_stride(x), s);
  }
}

/* Rows i0 .. i1 of C over columns j0 .. j1 (a multiple of NR, and a multiple or n). */
static void rectangle(const struct product *p, size_t i0, size_t i1, size_t j0, size_t j1, const struct scratch *s) {
  const size_t columns = divide_up(j1 - j0, NR);
  const size_t across = divide_up(j1 - j0, NC), down = divide_up(i1 - i0, MC), deep = divide_up(p->k, KC);
  for (size_t i = 0; i < down; i++)
    for (size_t l = 0; l < deep; l++) {
      struct block x = {.i0 = i0 + share(i1 - i0, down, i),
                        .i1 = i0 + share(i1 - i0, down, i + 1),
                        .l0 = share(p->k, deep, l),
                        .l1 = share(p->k, deep, l + 1)};
      if (p->a_row == 1)
        pack_a_columns(p, &x, s->a);
      else
        pack_a_rows(p, &x, s->a);
      for (size_t j = 0; j < across; j++) {
        x.j0 = j0 + share(columns, across, j) * NR;
        x.j1 = least(j1, j0 + share(columns, across, j + 1) * NR);
        pack_b(p, &x, s->b);
        block_by_block(p, &x, s);
      }
    }
}

/* ---- shares of the work ----------------------------------------------------------------------------------------- */

/* C is cut into strips of columns, a strip into row panels: the units that threads share. Threads take neighbouring
 * units, so they mostly have whole strips, which are then computed as one rectangle, however narrow they are. */
static size_t strips(const struct product *p) {
  const size_t wanted = divide_up(UNITS_WANTED, row_panels(p->m));
  return largest(divide_up(p->n, NC), least(wanted, divide_up(p->n, NR)));
}

static size_t strip_begin(const struct product *p, size_t strip) {
  return least(p->n, share(divide_up(p->n, NR), strips(p), strip) * NR);
}

static size_t units(const struct product *p) { return strips(p) * row_panels(p->m); }

static void multiply_units(const struct product *p, size_t begin, size_t end, const struct scratch *s) {
  const size_t panels = row_panels(p->m);
  while (begin < end) {
    const size_t strip = begin / panels, panel = begin % panels, rest = end - begin;
    const size_t whole = panel == 0 ? rest / panels : 0;
    const size_t stop = whole ? panels : least(panels, panel + rest);
    rectangle(p, share(p->m, panels, panel), share(p->m, panels, stop), strip_begin(p, strip),
              strip_begin(p, strip + (whole ? whole : 1)), s);
    begin += whole ? whole * panels : stop - panel;
  }
}

static void add_column_sums(const gm_linear_backward_f32_args *a, size_t begin, size_t end) {
  for (size_t b = 0; b < a->batch; b++)
    for (size_t o = begin; o < end; o += V_WIDTH) {
      const v_f32 sum = v_load(a->bias_grads + o, end - o);
      v_store(a->bias_grads + o, v_add(sum, v_load(a->output_grads + b * a->out + o, end - o)), end - o);
    }
}

/* ---- the op ----------------------------------------------------------------------------------------------------- */

static struct product input_product(const gm_linear_backward_f32_args *a) {
  return (struct product){.m = a->batch,
                          .n = a->in,
                          .k = a->out,
                          .a = a->output_grads,
                          .a_row = a->out,
                          .a_col = 1,
                          .b = a->weights,
                          .c = a->input_grads,
                          .accumulate = false};
}

static struct product weight_product(const gm_linear_backward_f32_args *a) {
  return (struct product){.m = a->out,
                          .n = a->in,
                          .k = a->batch,
                          .a = a->output_grads,
                          .a_row = 1,
                          .a_col = a->out,
                          .b = a->inputs,
                          .c = a->weight_grads,
                          .accumulate = true};
}

/* Both products are the same number of multiply-adds, so each is the same number of tiles: tile t of T has the units
 * from share(units, T, t) on, none or a few. */
static size_t tiles_each(const gm_linear_backward_f32_args *a) {
  const struct product x = input_product(a), w = weight_product(a);
  return largest(units(&x), units(&w));
}

static size_t tiles(const gm_frame *frame) {
  const gm_linear_backward_f32_args a = gm_linear_backward_f32_read(frame);
  return 2 * tiles_each(&a);
}

struct scratch_sizes {
  size_t a, b, c; /* floats, whole cache lines */
};
static struct scratch_sizes scratch_sizes(const gm_linear_backward_f32_args *a) {
  const size_t longest = largest(a->batch, a->out);
  const struct block x = {.l1 = least(KC, longest)};
  return (struct scratch_sizes){.a = row_panels(least(MC, longest)) * a_stride(&x),
                                .b = divide_up(least(NC, a->in), NR) * b_stride(&x),
                                .c = MR * NR};
}

static size_t scratch_bytes(const gm_frame *frame) {
  const gm_linear_backward_f32_args a = gm_linear_backward_f32_read(frame);
  const struct scratch_sizes size = scratch_sizes(&a);
  return (size.a + size.b + size.c) * sizeof(float);
}

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *memory) {
  (void)coef;
  const gm_linear_backward_f32_args a = gm_linear_backward_f32_read(frame);
  const struct product x = input_product(&a), w = weight_product(&a);
  const struct scratch_sizes size = scratch_sizes(&a);
  float *own = memory;
  const struct scratch s = {.b = own, .c = own + size.b, .a = own + size.b + size.c};
  const size_t each = tiles_each(&a);
  if (begin < each) multiply_units(&x, share(units(&x), each, begin), share(units(&x), each, least(end, each)), &s);
  if (end > each) {
    const size_t first = largest(begin, each) - each, last = end - each;
    multiply_units(&w, share(units(&w), each, first), share(units(&w), each, last), &s);
    add_column_sums(&a, share(a.out, each, first), share(a.out, each, last));
  }
  return 0;
}

GM_BODY(linear_backward, f32) = {.run = run, .tiles = tiles, .scratch_bytes = scratch_bytes};
