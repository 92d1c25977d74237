#define _GNU_SOURCE
#include "verify/expected.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "oracle/oracle.h"

/* ---- samples: which elements, rows or columns are looked at ----------------------------------------------------- */

/* How much of what: `ends` of them at both ends, and around each place where something else may begin; `some` anywhere.
 * All of them where they are no more than `all`. */
struct sample_config {
  size_t all, ends, around, some;
};

enum { BLOCK_BORDERS = 512 }; /* of more blocks every so many-th */

static int ascending_index(const void *a, const void *b) {
  const size_t x = *(const size_t *)a, y = *(const size_t *)b;
  return (x > y) - (x < y);
}

bool sample_add(struct sample *sample, size_t begin, size_t end) {
  while (begin < end && sample->count + (end - begin) > sample->capacity) {
    const size_t capacity = 2 * sample->capacity + (end - begin);
    size_t *more = realloc(sample->index, capacity * sizeof *more);
    if (!more) return false;
    sample->index = more, sample->capacity = capacity;
  }
  for (; begin < end; begin++) sample->index[sample->count++] = begin;
  return true;
}

static bool add_around(struct sample *sample, size_t total, size_t place, size_t around) {
  const size_t begin = place > around ? place - around : 0, end = place + around < total ? place + around : total;
  return place >= total || sample_add(sample, begin, end);
}

static void sort_once_each(struct sample *sample) {
  size_t kept = 0;
  qsort(sample->index, sample->count, sizeof *sample->index, ascending_index);
  for (size_t i = 0; i < sample->count; i++)
    if (!kept || sample->index[kept - 1] != sample->index[i]) sample->index[kept++] = sample->index[i];
  sample->count = kept;
}

/* Of `total`; `border` are places where the part of a thread, or a tensor, begins, and every `block` one does, too,
 * unless that is 0. False without memory. */
static bool sample_take(struct sample *sample, size_t total, const struct sample_config *config, size_t block,
                        const struct sample *border, struct random *random) {
  *sample = (struct sample){0};
  if (total <= config->all || total <= 2 * config->ends) return sample_add(sample, 0, total);
  bool done = sample_add(sample, 0, config->ends) && sample_add(sample, total - config->ends, total);
  for (size_t i = 0; done && i < border->count; i++) done = add_around(sample, total, border->index[i], config->around);
  if (block) {
    const size_t apart = (total / block / BLOCK_BORDERS + 1) * block;
    for (size_t at = apart; done && at < total; at += apart) done = add_around(sample, total, at, 1);
  }
  for (size_t i = 0; done && i < config->some; i++) {
    const size_t any = random_below(random, total);
    done = sample_add(sample, any, any + 1);
  }
  if (done) sort_once_each(sample);
  return done;
}

void sample_free(struct sample *sample) {
  free(sample->index);
  *sample = (struct sample){0};
}

/* ---- a matrix times a random vector ----------------------------------------------------------------------------- */

static double hyper(const gm_op *op, const char *name, const gm_frame *frame) {
  for (int h = 0; h < op->hypers; h++)
    if (strcmp(op->hyper[h].name, name) == 0) return frame->hyper[h];
  return 0;
}

/* Can stream `k` be looked at so? It is a matrix, and what is summed is not changed afterwards. */
static bool random_product_is_for(const gm_op *op, int k, const gm_frame *before) {
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

static void random_product_close(struct random_product *p) {
  free(p->vector);
  free(p->value);
  free(p->unit);
  *p = (struct random_product){0};
}

/* False without memory. */
static bool random_product_open(struct random_product *p, const gm_op *op, int k, const gm_frame *before,
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

/* The errors of a row's elements, none above `allowed` units, add up with random signs: by Hoeffding's inequality to
 * more than 8 times the root of their number times that in one of 10^13 cases. */
static bool random_product_holds(const struct random_product *p, const gm_impl *impl, const gm_frame *after,
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

/* ---- where an oracle writes ------------------------------------------------------------------------------------- */

/* A large array of doubles of which few are wanted, in little memory: the output of an oracle, which writes a whole
 * stream where only samples are compared. The same two mebibytes are mapped over and over to make up the array; only
 * the elements that sink_keep names have memory of their own. */
struct sink {
  double *at;
  size_t bytes;
};

enum { PIECE = 2 << 20 };

static size_t round_up(size_t x, size_t to) { return (x + to - 1) / to * to; }

/* Where memory that can be mapped repeatedly is not to be had (a limit on the sizes of files forbids it, for one), the
 * mapping stays as it is, with pages of its own. */
static bool map_over_and_over(struct sink *sink) {
  const int memory = memfd_create("gradmark-sink", MFD_CLOEXEC);
  if (memory < 0) return true;
  bool done = true;
  if (ftruncate(memory, PIECE) == 0)
    for (size_t at = 0; done && at < sink->bytes; at += PIECE)
      done =
          mmap((char *)sink->at + at, PIECE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, memory, 0) != MAP_FAILED;
  close(memory);
  return done;
}

static void sink_close(struct sink *sink) {
  if (sink->at) munmap(sink->at, sink->bytes);
  *sink = (struct sink){0};
}

/* Makes an array of `count` doubles; false without memory. */
static bool sink_open(struct sink *sink, size_t count) {
  *sink = (struct sink){.bytes = round_up(count * sizeof(double) + 1, PIECE)};
  void *map = mmap(NULL, sink->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (map == MAP_FAILED) return false;
  sink->at = map;
  if (sink->bytes == PIECE || map_over_and_over(sink)) return true;
  sink_close(sink);
  return false;
}

/* Gives the elements from `first` on memory of their own, so that what is written to them stays; false without memory.
 */
static bool sink_keep(struct sink *sink, size_t first, size_t count) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  const size_t begin = first * sizeof(double) / page * page, end = round_up((first + count) * sizeof(double), page);
  if (sink->bytes == PIECE) return true;
  return mmap((char *)sink->at + begin, end - begin, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
              -1, 0) != MAP_FAILED;
}

/* ---- what is asked of the oracle -------------------------------------------------------------------------------- */

static bool is_written(const gm_op *op, int k) {
  return op->stream[k].role == GM_UPDATE || op->stream[k].role == GM_WRITE;
}

/* A sample of each size of an op; where a stream has no second size, its one column. */
struct samples {
  struct sample of[GM_MAX_SIZES + 1];
};

static bool take_all(struct sample *sample, size_t total) {
  *sample = (struct sample){0};
  return sample_add(sample, 0, total);
}

static void free_samples(struct samples *samples) {
  for (int i = 0; i <= GM_MAX_SIZES; i++) sample_free(&samples->of[i]);
}

/* One sample of elements or rows serves all streams, and so do all elements of small matrices. */
static bool is_one_for_all(const gm_op *op, const gm_frame *frame) {
  enum { SMALL_PRODUCT = 1 << 22 };
  return op->shape != GM_MATRIX || gm_elements(op, frame) <= SMALL_PRODUCT;
}

/* Elements, rows, or of a matrix what meets at rows and columns of the sample. */
static bool take_samples(struct samples *samples, const gm_op *op, int k, const gm_frame *frame,
                         const struct sample *border, struct random *random) {
  const int *own = op->stream[k].extent;
  const size_t wide = op->shape == GM_ROWWISE ? frame->size[1] : 1;
  const struct sample_config lines = {(1 << 16) / wide, wide > 1 ? 2 : 64, wide > 1 ? 1 : 16, 2048 / wide + 8};
  const struct sample_config sides = {40, 8, 1, 16};
  *samples = (struct samples){0};
  for (int i = 0; i < op->sizes; i++) {
    const bool lined = op->shape == GM_MATRIX ? (i == own[0] || i == own[1]) && !is_one_for_all(op, frame) : i == 0;
    const struct sample none = {0};
    const bool done = !lined                   ? take_all(&samples->of[i], frame->size[i])
                      : op->shape == GM_MATRIX ? sample_take(&samples->of[i], frame->size[i], &sides, 0, &none, random)
                                               : sample_take(&samples->of[i], frame->size[i], &lines,
                                                             wide > 1 ? 0 : GM_BLOCK, border, random);
    if (!done) return false;
  }
  return take_all(&samples->of[GM_MAX_SIZES], 1);
}

/* The places in stream `k` of what is sampled of it. */
static bool set_places(struct expected_part *part, const gm_op *op, int k, const gm_frame *frame,
                       const struct samples *samples) {
  const int *extent = op->stream[k].extent;
  const struct sample *rows = &samples->of[extent[0]], *columns = &samples->of[extent[1]];
  const size_t wide = extent[1] < GM_MAX_SIZES ? frame->size[extent[1]] : 1;
  *part = (struct expected_part){.stream = k, .count = rows->count * columns->count};
  part->at = malloc((part->count + 1) * sizeof *part->at);
  for (size_t r = 0; part->at && r < rows->count; r++)
    for (size_t c = 0; c < columns->count; c++)
      part->at[r * columns->count + c] = rows->index[r] * wide + columns->index[c];
  return part->at != NULL;
}

/* ---- of a part of the elements ----------------------------------------------------------------------------------- */

struct asked {
  gm_frame frame;
  gm_oracle_out out;
};

static void free_asked(struct asked *asked) {
  for (int k = 0; k < GM_MAX_STREAMS; k++)
    free(asked->frame.stream[k]), free(asked->out.value[k]), free(asked->out.scale[k]);
}

/* A smaller call of the same op, with copies of what is sampled. */
static bool make_smaller(struct asked *asked, const gm_op *op, const gm_frame *whole, const struct samples *samples) {
  *asked = (struct asked){.frame = *whole};
  memset(asked->frame.stream, 0, sizeof asked->frame.stream);
  for (int i = 0; i < op->sizes; i++) asked->frame.size[i] = samples->of[i].count;
  for (int k = 0; k < op->streams; k++) {
    struct expected_part all;
    const size_t bytes = gm_type_bytes(op->stream[k].type);
    if (!set_places(&all, op, k, whole, samples)) return false;
    char *copy = asked->frame.stream[k] = malloc(all.count * bytes + 1);
    for (size_t i = 0; copy && i < all.count; i++)
      memcpy(copy + i * bytes, (const char *)whole->stream[k] + all.at[i] * bytes, bytes);
    free(all.at);
    if (is_written(op, k)) {
      asked->out.value[k] = malloc((all.count + 1) * sizeof(double));
      asked->out.scale[k] = malloc((all.count + 1) * sizeof(double));
      if (!asked->out.value[k] || !asked->out.scale[k]) return false;
    }
    if (!copy) return false;
  }
  return true;
}

/* For parts first .. end-1. Nothing else than the sampled elements, rows or lines of matrices decides what is written
 * there. */
static bool ask_of_smaller(struct expected *expected, int first, int end, const gm_frame *before,
                           const struct samples *samples) {
  const gm_op *op = expected->op;
  struct asked asked;
  bool done = make_smaller(&asked, op, before, samples);
  if (done) gm_oracle_of(op)(&asked.frame, &asked.out);
  for (int i = first; i < end && done; i++) {
    struct expected_part *part = &expected->part[i];
    const int k = part->stream;
    done = set_places(part, op, k, before, samples);
    part->value = asked.out.value[k], part->scale = asked.out.scale[k];
    asked.out.value[k] = asked.out.scale[k] = NULL;
  }
  free_asked(&asked);
  return done;
}

/* ---- of all elements --------------------------------------------------------------------------------------------- */

static bool keep(struct sink sink[2], const struct expected_part *part) {
  for (size_t i = 0; i < part->count; i++) { /* neighbours together */
    size_t next = i;
    while (next + 1 < part->count && part->at[next + 1] == part->at[next] + 1) next++;
    if (!sink_keep(&sink[0], part->at[i], next + 1 - i) || !sink_keep(&sink[1], part->at[i], next + 1 - i))
      return false;
    i = next;
  }
  return true;
}

static bool copy_stored(struct expected_part *part, const struct sink sink[2]) {
  part->value = malloc((part->count + 1) * sizeof(double));
  part->scale = malloc((part->count + 1) * sizeof(double));
  if (!part->value || !part->scale) return false;
  for (size_t i = 0; i < part->count; i++)
    part->value[i] = sink[0].at[part->at[i]], part->scale[i] = sink[1].at[part->at[i]];
  return true;
}

/* Where there is a result, everything decides it, and it may decide what is written. */
static bool ask_of_all(struct expected *expected, const gm_frame *before, const struct samples *samples) {
  const gm_op *op = expected->op;
  struct sink sink[GM_MAX_STREAMS][2] = {0};
  gm_oracle_out out = {{0}, {0}};
  bool done = true;
  for (int i = 0; i < expected->parts && done; i++) {
    const int k = expected->part[i].stream;
    const size_t count = gm_stream_extent(op, k, before);
    done = set_places(&expected->part[i], op, k, before, samples) && sink_open(&sink[k][0], count) &&
           sink_open(&sink[k][1], count) && keep(sink[k], &expected->part[i]);
    out.value[k] = sink[k][0].at, out.scale[k] = sink[k][1].at;
  }
  out.value[op->streams - 1] = &expected->result, out.scale[op->streams - 1] = &expected->result_scale;
  if (done) gm_oracle_of(op)(before, &out);
  for (int i = 0; i < expected->parts && done; i++)
    done = copy_stored(&expected->part[i], sink[expected->part[i].stream]);
  for (int k = 0; k < GM_MAX_STREAMS; k++) sink_close(&sink[k][0]), sink_close(&sink[k][1]);
  return done;
}

/* Parts first .. end-1, which share a sample. */
static bool ask_for(struct expected *expected, int first, int end, const gm_frame *before, const struct sample *border,
                    struct random *random) {
  struct samples samples;
  const bool done = take_samples(&samples, expected->op, expected->part[first].stream, before, border, random) &&
                    (gm_has_result(expected->op) ? ask_of_all(expected, before, &samples)
                                                 : ask_of_smaller(expected, first, end, before, &samples));
  free_samples(&samples);
  return done;
}

static bool ask(struct expected *expected, const gm_op *op, const gm_frame *before, const struct sample *border,
                struct random *random) {
  *expected = (struct expected){.op = op, .result = NAN, .result_scale = NAN};
  for (int k = 0; k < op->streams; k++)
    if (is_written(op, k)) expected->part[expected->parts++].stream = k;
  if (expected->parts == 0 || is_one_for_all(op, before))
    return ask_for(expected, 0, expected->parts, before, border, random);
  for (int i = 0; i < expected->parts; i++)
    if (!ask_for(expected, i, i + 1, before, border, random)) return false;
  return true;
}

void expected_close(struct expected *expected) {
  for (int i = 0; i < expected->parts; i++) {
    free(expected->part[i].at);
    free(expected->part[i].value);
    free(expected->part[i].scale);
  }
  for (int i = 0; i < expected->products; i++) random_product_close(&expected->product[i]);
  *expected = (struct expected){0};
}

/* In everything that is looked at. */
static bool changes_nothing(const struct expected *expected, const gm_frame *before) {
  for (int i = 0; i < expected->parts; i++) {
    const struct expected_part *part = &expected->part[i];
    const gm_type type = expected->op->stream[part->stream].type;
    for (size_t e = 0; e < part->count; e++)
      if (judge_element(type, before->stream[part->stream], part->at[e]) != part->value[e]) return false;
  }
  return expected->parts > 0;
}

static bool open_products(struct expected *expected, const gm_frame *before, struct random *random) {
  const gm_op *op = expected->op;
  for (int k = 0; k < op->streams; k++) {
    if (!random_product_is_for(op, k, before)) continue;
    if (!random_product_open(&expected->product[expected->products], op, k, before, random)) return false;
    expected->products++;
  }
  return true;
}

bool expected_open(struct expected *expected, const gm_op *op, gm_frame *before, const struct sample *border,
                   struct random *random) {
  bool done = ask(expected, op, before, border, random);
  if (done && changes_nothing(expected, before)) { /* there idleness would pass for work */
    expected_close(expected);
    for (int h = 0; h < op->hypers; h++) before->hyper[h] = op->hyper[h].other;
    done = ask(expected, op, before, border, random);
  }
  if (done && open_products(expected, before, random)) return true;
  expected_close(expected);
  return false;
}

static bool is_right(const struct expected *expected, const gm_impl *impl, int k, const gm_frame *after, size_t at,
                     double value, double scale, char description[JUDGE_SENTENCE]) {
  const gm_stream *stream = &expected->op->stream[k];
  const double got = judge_element(stream->type, after->stream[k], at), allowed = judge_allowed(impl, k, after);
  const double ulp = judge_ulp(value, scale, got, stream->type);
  if (ulp <= allowed) return true;
  judge_describe(description, stream, at, got, value, ulp, allowed);
  return false;
}

bool expected_holds(const struct expected *expected, const gm_impl *impl, const gm_frame *after,
                    char description[JUDGE_SENTENCE]) {
  const gm_op *op = expected->op;
  for (int i = 0; i < expected->parts; i++) {
    const struct expected_part *part = &expected->part[i];
    for (size_t e = 0; e < part->count; e++)
      if (!is_right(expected, impl, part->stream, after, part->at[e], part->value[e], part->scale[e], description))
        return false;
  }
  for (int i = 0; i < expected->products; i++)
    if (!random_product_holds(&expected->product[i], impl, after, description)) return false;
  return !gm_has_result(op) ||
         is_right(expected, impl, op->streams - 1, after, 0, expected->result, expected->result_scale, description);
}
