#include "verify/expected.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory/sink.h"
#include "oracle/oracle.h"

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
