#include "verify/large.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify/cases.h"
#include "verify/trap.h"

/* Of a reduction more than 1,024 blocks, which is where several become one part; of a matrix product more rows, columns
 * and terms than one block of each, in matrices that are copied to panels before they are read: by all its products of
 * all ops, in all widths of vectors (linear/multiply.h). A list's parts are in cases.c. */
static const size_t *large_sizes(const gm_op *op) {
  static const size_t elements[GM_MAX_SIZES] = {300007}, blocks[GM_MAX_SIZES] = {1027 * GM_BLOCK + 5},
                      rows[GM_MAX_SIZES] = {1100, 257}, matrix[GM_MAX_SIZES] = {1032, 520, 514},
                      columns[GM_MAX_SIZES] = {1032, 514};
  switch (op->shape) {
    case GM_ELEMENTWISE: return elements;
    case GM_REDUCTION: return blocks;
    case GM_ROWWISE: return rows;
    case GM_MATRIX: return op->sizes == 3 ? matrix : columns;
    case GM_LIST: break;
  }
  return NULL;
}

__attribute__((format(printf, 2, 3))) static bool fail(char *failure, const char *format, ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(failure, LARGE_SENTENCE, format, args);
  va_end(args);
  return false;
}

static bool is_array(const gm_op *op, int k) { return op->stream[k].role != GM_RESULT; }

static bool is_written(const gm_op *op, int k) { return is_array(op, k) && op->stream[k].role != GM_READ; }

static size_t stream_bytes(const struct large *large, int k) { return gm_stream_bytes(large->op, k, &large->frame); }

/* Random numbers over and over: a length that divides no block, row or part. */
static void fill_repeating(struct random *random, const gm_op *op, int k, const gm_frame *frame) {
  enum { PERIOD = 65521 };
  const size_t count = gm_stream_extent(op, k, frame), each = gm_type_bytes(op->stream[k].type);
  char *data = frame->stream[k];
  fill_stream(random, FILL_MODERATE, op, k, data, count < PERIOD ? count : PERIOD, frame->size[op->sizes - 1]);
  for (size_t at = PERIOD; at < count; at += PERIOD)
    memcpy(data + at * each, data, (count - at < PERIOD ? count - at : PERIOD) * each);
}

/* One stream, whose array ends at an inaccessible page. */
static bool open_stream(struct large *large, int k, struct random *random) {
  const size_t bytes = stream_bytes(large, k);
  struct guarded *memory = &large->stream[k];
  if (!guarded_open(memory, bytes)) return false;
  guarded_fill(memory, 0, memory->bytes);
  large->frame.stream[k] = memory->begin + memory->bytes - bytes;
  if (large->op->stream[k].role != GM_WRITE) fill_repeating(random, large->op, k, &large->frame);
  if (!is_written(large->op, k)) return guarded_write_protect(memory, true), true;
  large->snapshot[k] = malloc(bytes);
  large->alone[k] = malloc(bytes);
  if (large->snapshot[k]) memcpy(large->snapshot[k], large->frame.stream[k], bytes);
  return large->snapshot[k] && large->alone[k];
}

static bool open_for(struct large *large, const gm_op *op, const size_t *sizes, uint64_t seed) {
  const struct sample none = {0};
  struct random random;
  random_seed(&random, seed);
  large->op = op;
  memcpy(large->frame.size, sizes, sizeof large->frame.size);
  for (int h = 0; h < op->hypers; h++) large->frame.hyper[h] = op->hyper[h].usual;
  bool done = true;
  for (int k = 0; k < op->streams && done; k++) {
    if (is_array(op, k))
      done = open_stream(large, k, &random);
    else
      large->frame.stream[k] = &large->result;
  }
  if (done && expected_open(&large->expected, op, &large->frame, &none, &random)) return true;
  large_close(large);
  return false;
}

void large_close(struct large *large) {
  for (int k = 0; k < GM_MAX_STREAMS; k++) {
    guarded_close(&large->stream[k]);
    free(large->snapshot[k]);
    free(large->alone[k]);
  }
  expected_close(&large->expected);
  *large = (struct large){0};
}

static bool call(struct large *large, const gm_impl *impl, int threads, char *failure) {
  char description[TRAP_SENTENCE];
  for (int k = 0; k < large->op->streams; k++)
    if (is_written(large->op, k)) memcpy(large->frame.stream[k], large->snapshot[k], stream_bytes(large, k));
  large->result = NAN;
  const struct trapped trapped = trap_call(impl, threads, &large->frame);
  if (!trap_went_well(&trapped, description)) return fail(failure, "%s", description);
  for (int k = 0; k < large->op->streams; k++)
    if (is_array(large->op, k) &&
        !guarded_is_filled(&large->stream[k], 0, large->stream[k].bytes - stream_bytes(large, k)))
      return fail(failure, "a byte outside %s was changed", large->op->stream[k].name);
  return true;
}

static bool same_bits(const struct large *large, double result, char *failure) {
  for (int k = 0; k < large->op->streams; k++)
    if (is_written(large->op, k) && memcmp(large->alone[k], large->frame.stream[k], stream_bytes(large, k)) != 0)
      return fail(failure, "%s has other bits than on one thread", large->op->stream[k].name);
  return memcmp(&result, &large->result, sizeof result) == 0 ||
         fail(failure, "the result has other bits than on one thread");
}

/* On one thread and on three; a matrix's tiles are told apart by every smaller case, and take long: on three alone. */
static bool prove(struct large *large, const gm_impl *impl, long *calls, char *failure) {
  char description[JUDGE_SENTENCE];
  const bool matrix = large->op->shape == GM_MATRIX;
  ++*calls;
  if (!call(large, impl, matrix ? 3 : 1, failure)) return false;
  if (!expected_holds(&large->expected, impl, &large->frame, description)) return fail(failure, "%s", description);
  if (matrix) return true;
  const double result = large->result;
  for (int k = 0; k < large->op->streams; k++)
    if (is_written(large->op, k)) memcpy(large->alone[k], large->frame.stream[k], stream_bytes(large, k));
  ++*calls;
  return call(large, impl, 3, failure) && same_bits(large, result, failure);
}

bool large_prove(struct large *large, const gm_impl *impl, uint64_t seed, long *calls, char failure[LARGE_SENTENCE]) {
  const size_t *sizes = large_sizes(impl->op);
  if (!sizes) return true;
  if (large->op != impl->op) {
    large_close(large);
    if (!open_for(large, impl->op, sizes, seed)) return fail(failure, "no memory for its proof on many elements");
  }
  if (prove(large, impl, calls, failure)) return true;
  char text[CASES_SIZES];
  const size_t used = strlen(failure);
  cases_sizes(text, impl->op, sizes);
  snprintf(failure + used, LARGE_SENTENCE - used, " (%s)", text);
  return false;
}
