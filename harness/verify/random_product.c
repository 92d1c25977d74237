#include "verify/random_product.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double hyper(const gm_op *op, const char *name, const gm_frame *frame) {
  for (int h = 0; h < op->hypers; h++)
    if (strcmp(op->hyper[h].name, name) == 0) return frame->hyper[h];
  return 0;
}

bool random_product_is_for(const gm_op *op, int k, const gm_frame *before) {
  const gm_stream *stream = &op->stream[k];
  return op->shape == GM_MATRIX && (stream->role == GM_WRITE || stream->role == GM_UPDATE) &&
         stream->extent[1] < GM_MAX_SIZES && hyper(op, "activation", before) == GM_IDENTITY;
}

/* A stream as a matrix of size `row` x size `column` of its op, which is kept so or transposed. */
struct matrix {
  const float *data;
  size_t rows, columns, row_step, column_step;
};

/* fmax in a loop is more than gcc 12 can take on aarch64. */
static double larger(double a, double b) { return a > b ? a : b; }

static struct matrix matrix_of(const gm_op *op, int k, int row, const gm_frame *frame) {
  const int *extent = op->stream[k].extent;
  const size_t first = frame->size[extent[0]], second = frame->size[extent[1]];
  const float *data = frame->stream[k];
  return extent[0] == row ? (struct matrix){data, first, second, second, 1}
                          : (struct matrix){data, second, first, 1, second};
}

/* The matrix that is only read and has these two sizes. */
static struct matrix factor(const gm_op *op, int row, int column, const gm_frame *frame) {
  for (int k = 0; k < op->streams; k++) {
    const int *extent = op->stream[k].extent;
    const bool is = (extent[0] == row && extent[1] == column) || (extent[0] == column && extent[1] == row);
    if (is && op->stream[k].role == GM_READ) return matrix_of(op, k, row, frame);
  }
  return (struct matrix){0};
}

/* to += matrix vector; and the same of the magnitudes. In the order in which the matrix lies in memory. */
static void multiply(const struct matrix *m, const double *vector, const double *magnitudes, double *to,
                     double *sizes) {
  const bool by_rows = m->column_step == 1;
  const size_t outer = by_rows ? m->rows : m->columns, inner = by_rows ? m->columns : m->rows;
  for (size_t i = 0; i < outer; i++)
    for (size_t j = 0; j < inner; j++) {
      const double x = (double)m->data[i * inner + j];
      const size_t row = by_rows ? i : j, column = by_rows ? j : i;
      to[row] += x * vector[column];
      if (magnitudes) sizes[row] += fabs(x) * magnitudes[column];
    }
}

/* The largest magnitude in each row. */
static void largest(const struct matrix *m, double *to) {
  for (size_t row = 0; row < m->rows; row++)
    for (size_t column = 0; column < m->columns; column++)
      to[row] = larger(to[row], fabs((double)m->data[row * m->row_step + column * m->column_step]));
}

/* What is there before anything is summed: the old values, or a vector that is added to every row. */
static void add_start(struct random_product *p, const gm_frame *before, int column) {
  const gm_op *op = p->op;
  double start = 0, most = 0;
  for (int k = 0; k < op->streams; k++) {
    const gm_stream *stream = &op->stream[k];
    if (stream->role != GM_READ || stream->extent[0] != column || stream->extent[1] < GM_MAX_SIZES) continue;
    const float *added = before->stream[k];
    for (size_t c = 0; c < p->columns; c++)
      start += (double)added[c] * p->vector[c], most = larger(most, fabs((double)added[c]));
  }
  for (size_t r = 0; r < p->rows; r++) p->value[r] += start, p->unit[r] += most;
  if (op->stream[p->stream].role != GM_UPDATE || hyper(op, "accumulate", before) == 0) return;
  const struct matrix old = matrix_of(op, p->stream, op->stream[p->stream].extent[0], before);
  multiply(&old, p->vector, NULL, p->value, NULL);
  largest(&old, p->unit); /* no bias then: the larger of it and 0 */
}

bool random_product_open(struct random_product *p, const gm_op *op, int k, const gm_frame *before,
                         struct random *random) {
  const int row = op->stream[k].extent[0], column = op->stream[k].extent[1];
  int inner = 0;
  while (inner == row || inner == column) inner++;
  const struct matrix a = factor(op, row, inner, before), b = factor(op, inner, column, before);
  *p = (struct random_product){.op = op, .stream = k, .rows = a.rows, .columns = b.columns};
  p->vector = calloc(p->columns + 1, sizeof *p->vector);
  p->value = calloc(p->rows + 1, sizeof *p->value);
  p->unit = calloc(p->rows + 1, sizeof *p->unit);
  double *product = calloc(b.rows + 1, sizeof *product), *most = calloc(b.rows + 1, sizeof *most);
  const bool done = p->vector && p->value && p->unit && product && most;
  if (done) {
    for (size_t c = 0; c < p->columns; c++) p->vector[c] = random_bits(random) >> 63 ? 1 : -1;
    add_start(p, before, column);
    multiply(&b, p->vector, NULL, product, NULL);
    largest(&b, most);
    multiply(&a, product, most, p->value, p->unit);
  } else {
    random_product_close(p);
  }
  free(product);
  free(most);
  return done;
}

void random_product_close(struct random_product *p) {
  free(p->vector);
  free(p->value);
  free(p->unit);
  *p = (struct random_product){0};
}

/* The errors of a row's elements, none above `allowed` units, add up with random signs: by Hoeffding's inequality to
 * more than 8 times the root of their number times that in one of 10^13 cases. */
bool random_product_holds(const struct random_product *p, const gm_impl *impl, const gm_frame *after,
                          char description[JUDGE_SENTENCE]) {
  const double many = 8 * sqrt((double)p->columns) * judge_allowed(impl, p->stream, after);
  const float *c = after->stream[p->stream];
  for (size_t r = 0; r < p->rows; r++) {
    double sum = 0;
    for (size_t j = 0; j < p->columns; j++) sum += (double)c[r * p->columns + j] * p->vector[j];
    if (fabs(sum - p->value[r]) <= many * judge_spacing(p->unit[r])) continue;
    snprintf(description, JUDGE_SENTENCE, "row %zu of %s times a vector of random signs is %.9g, it should be %.9g", r,
             p->op->stream[p->stream].name, sum, p->value[r]);
    return false;
  }
  return true;
}
