/* Compiled per ISA and build: the twin of every op, made from its row of ops.def. Which of two orders is faster depends
 * on the core and the level: vector by vector what is read, updated and written, or four vectors of each
 * (TWIN_BY_ROLE). With TWIN_STREAMING what is only written goes past the caches. */
#include "machine/core.h"

#include <stdbool.h>

#include "lane/lane.h"
#include "machine/barrier.h"
#include "op_args.h"

enum {
  TURN = 4 * V_WIDTH, /* elements */
  PIECE = 4096,       /* elements after which the shorter streams take their turn */
};

/* What is only written: as bytes they are ordinary codes. */
#define WRITTEN 0.7310586f

/* With two passes the first one only reads. */
enum pass { READING, ALL };

/* ---- any stretch of bytes --------------------------------------------------------------------------------------- */

GM_INLINE void vector_of(gm_role role, float *p, size_t count) {
  v_f32 x = role == GM_WRITE ? v_set(WRITTEN) : v_load(p, count);
  barrier_hide(&x);
  if (role != GM_READ) v_store(p, x, count);
}

GM_INLINE void byte_of(gm_role role, volatile char *p) {
  const char x = role == GM_WRITE ? 59 : *p;
  if (role != GM_READ) *p = x;
}

GM_INLINE void stretch(gm_role role, char *p, size_t bytes) {
  for (; bytes && (uintptr_t)p % sizeof(float); p++, bytes--) byte_of(role, p);
  for (; bytes >= TURN * sizeof(float); p += TURN * sizeof(float), bytes -= TURN * sizeof(float)) {
    vector_of(role, (float *)(void *)p, V_WIDTH);
    vector_of(role, (float *)(void *)p + V_WIDTH, V_WIDTH);
    vector_of(role, (float *)(void *)p + 2 * V_WIDTH, V_WIDTH);
    vector_of(role, (float *)(void *)p + 3 * V_WIDTH, V_WIDTH);
  }
  for (; bytes >= V_WIDTH * sizeof(float); p += V_WIDTH * sizeof(float), bytes -= V_WIDTH * sizeof(float))
    vector_of(role, (float *)(void *)p, V_WIDTH);
  const size_t rest = bytes / sizeof(float);
  if (rest) vector_of(role, (float *)(void *)p, rest);
  p += rest * sizeof(float), bytes -= rest * sizeof(float);
  for (; bytes; p++, bytes--) byte_of(role, p);
}

static void walk_stretch(gm_role role, char *p, size_t bytes) {
  if (role == GM_READ)
    stretch(GM_READ, p, bytes);
  else if (role == GM_UPDATE)
    stretch(GM_UPDATE, p, bytes);
  else
    stretch(GM_WRITE, p, bytes);
}

/* ---- streams as data -------------------------------------------------------------------------------------------- */

struct stream {
  gm_role role;
  size_t bytes; /* per element */
  int extent[2];
};

/* A stream is long if it has the extent of the op's first two sizes, as most have; of products of matrices none is. */
struct op_streams {
  const struct stream *stream;
  int count, element[2];
  bool product;
};

static size_t size_at(const gm_frame *frame, int size) { return size < GM_MAX_SIZES ? frame->size[size] : 1; }

static size_t extent(const gm_frame *frame, const int sizes[2]) {
  return size_at(frame, sizes[0]) * size_at(frame, sizes[1]);
}

/* What is at place `at` of `total` in a stream of `elements`. */
static size_t place(size_t elements, size_t at, size_t total) {
  if (at == 0 || elements == total) return at;
  return at == total ? elements : (size_t)((double)elements * (double)at / (double)total);
}

/* Of the other streams what lies between two places of `total`. */
static void walk_others(const struct op_streams *op, const gm_frame *frame, enum pass pass, size_t from, size_t to,
                        size_t total) {
  for (int k = 0; k < op->count; k++) {
    const struct stream *s = &op->stream[k];
    const bool is_long = !op->product && s->extent[0] == op->element[0] && s->extent[1] == op->element[1];
    if (s->role == GM_RESULT || is_long || (pass == READING && s->role == GM_WRITE)) continue;
    const size_t elements = extent(frame, s->extent);
    const size_t begin = place(elements, from, total), end = place(elements, to, total);
    walk_stretch(pass == READING ? GM_READ : s->role, (char *)frame->stream[k] + begin * s->bytes,
                 (end - begin) * s->bytes);
  }
}

/* ---- the long streams side by side ------------------------------------------------------------------------------- */

/* One vector: `v` of the whole turn that begins at element i, or, at the ends, one of `count` elements. */
struct part {
  size_t i, v, count;
  bool of_turn;
};

GM_INLINE void touch_f32(gm_role role, float *p, struct part part, v_f32 written) {
  p += part.i + part.v * V_WIDTH;
  if (role == GM_WRITE && TWIN_STREAMING && part.of_turn) {
    v_store_streaming(p, written);
  } else if (role == GM_WRITE) {
    v_store(p, written, part.count);
  } else {
    v_f32 x = v_load(p, part.count);
    barrier_hide(&x);
    if (role == GM_UPDATE) v_store(p, x, part.count);
  }
}
/* Of bytes a turn has one vector. */
GM_INLINE void touch_i8(gm_role role, int8_t *p, struct part part, v_f32 written) {
  if (part.of_turn) {
    if (part.v == 0) touch_f32(role, (float *)(void *)(p + part.i), (struct part){0, 0, V_WIDTH, true}, written);
    return;
  }
  v_f32 x = role == GM_WRITE ? written : v_load_i8(p + part.i, part.count);
  barrier_hide(&x);
  if (role != GM_READ) v_store_i8(p + part.i, x, part.count);
}
GM_INLINE void touch_i32(gm_role role, int32_t *p, struct part part, v_f32 written) {
  touch_f32(role, (float *)(void *)p, part, written);
}

/* That part of each long stream, made from the op's row: so each op's mix is a loop of its own with nothing left to
 * decide in it. */
#define LONG(a, b) ((int)(a) == (int)first && (int)(b) == (int)second)
typedef void touch_streams(gm_role role, const void *args, enum pass pass, struct part part, v_f32 written);

#define SIZE(name) name,
#define R(type, name, a, b) \
  if (role == GM_READ && LONG(a, b)) touch_##type(GM_READ, (gm_##type *)(uintptr_t)args.name, part, written);
#define U(type, name, a, b) \
  if (role == GM_UPDATE && LONG(a, b)) touch_##type(pass == READING ? GM_READ : GM_UPDATE, args.name, part, written);
#define W(type, name, a, b) \
  if (role == GM_WRITE && LONG(a, b) && pass == ALL) touch_##type(GM_WRITE, args.name, part, written);
#define ELEMENT(a, b, c) first = a, second = b
#define OP(op, dtype, family, shape, sizes, streams, hypers, element, ...)                                \
  GM_INLINE void touch_##op##_##dtype(gm_role role, const void *opaque, enum pass pass, struct part part, \
                                      v_f32 written) {                                                    \
    enum { sizes size_count, one = GM_MAX_SIZES };                                                        \
    enum { element };                                                                                     \
    const gm_##op##_##dtype##_args args = *(const gm_##op##_##dtype##_args *)opaque;                      \
    (void)role, (void)args, (void)pass, (void)part, (void)written;                                        \
    streams                                                                                               \
  }
#include "ops.def"

GM_INLINE void touch_vector(touch_streams *touch, const void *args, enum pass pass, struct part part, v_f32 written) {
  touch(GM_READ, args, pass, part, written);
  touch(GM_UPDATE, args, pass, part, written);
  touch(GM_WRITE, args, pass, part, written);
}

GM_INLINE void touch_ends(touch_streams *touch, const void *args, enum pass pass, size_t begin, size_t end,
                          v_f32 written) {
  size_t i = begin;
  for (; end - i >= V_WIDTH; i += V_WIDTH)
    touch_vector(touch, args, pass, (struct part){i, 0, V_WIDTH, false}, written);
  if (i < end) touch_vector(touch, args, pass, (struct part){i, 0, end - i, false}, written);
}

GM_INLINE void touch_four(touch_streams *touch, gm_role role, const void *args, enum pass pass, size_t i,
                          v_f32 written) {
  touch(role, args, pass, (struct part){i, 0, V_WIDTH, true}, written);
  touch(role, args, pass, (struct part){i, 1, V_WIDTH, true}, written);
  touch(role, args, pass, (struct part){i, 2, V_WIDTH, true}, written);
  touch(role, args, pass, (struct part){i, 3, V_WIDTH, true}, written);
}

GM_INLINE void turns(touch_streams *touch, const void *args, enum pass pass, size_t begin, size_t end) {
  const size_t whole = TWIN_STREAMING ? (begin + TURN - 1) / TURN * TURN : begin; /* where a line may begin */
  size_t i = whole < end ? whole : end;
  v_f32 written = v_set(WRITTEN);
  barrier_hide(&written);
  touch_ends(touch, args, pass, begin, i, written);
  for (; end - i >= TURN; i += TURN)
    if (TWIN_BY_ROLE) {
      touch_four(touch, GM_READ, args, pass, i, written);
      touch_four(touch, GM_UPDATE, args, pass, i, written);
      touch_four(touch, GM_WRITE, args, pass, i, written);
    } else {
      touch_vector(touch, args, pass, (struct part){i, 0, V_WIDTH, true}, written);
      touch_vector(touch, args, pass, (struct part){i, 1, V_WIDTH, true}, written);
      touch_vector(touch, args, pass, (struct part){i, 2, V_WIDTH, true}, written);
      touch_vector(touch, args, pass, (struct part){i, 3, V_WIDTH, true}, written);
    }
  touch_ends(touch, args, pass, i, end, written);
}

/* ---- an op ------------------------------------------------------------------------------------------------------ */

static size_t longest(const struct op_streams *op, const gm_frame *frame) {
  size_t longest = 0;
  for (int k = 0; k < op->count; k++)
    if (extent(frame, op->stream[k].extent) > longest) longest = extent(frame, op->stream[k].extent);
  return longest;
}

/* Of a matrix op a tile is a piece of the longest stream, and as great a share of the others. */
GM_INLINE double walk(touch_streams *touch, const void *args, gm_shape shape, const struct op_streams *op,
                      const gm_frame *frame, enum pass pass, size_t begin, size_t end) {
  if (shape == GM_ELEMENTWISE || shape == GM_REDUCTION) {
    turns(touch, args, pass, begin, end);
  } else {
    const size_t total = longest(op, frame), each = shape == GM_ROWWISE ? frame->size[1] : PIECE;
    const size_t last = end * each < total ? end * each : total;
    for (size_t at = begin * each, next; at < last; at = next) {
      next = last - at > PIECE ? at + PIECE : last;
      if (!op->product) turns(touch, args, pass, at, next);
      walk_others(op, frame, pass, at, next, total);
    }
  }
  if (TWIN_STREAMING) v_streamed();
  return 0;
}

#undef ELEMENT
#define SIZE(name) name,
#define R(type, name, a, b) {GM_READ, sizeof(gm_##type), {a, b}},
#define U(type, name, a, b) {GM_UPDATE, sizeof(gm_##type), {a, b}},
#define W(type, name, a, b) {GM_WRITE, sizeof(gm_##type), {a, b}},
#define RESULT(type, name) {GM_RESULT, sizeof(gm_##type), {one, one}},
#define ELEMENT(a, b, c) .element = {a, b}
#define OP(op, dtype, family, shape, sizes, streams, hypers, element_sizes, ...)                                      \
  GM_INLINE struct op_streams streams_of_##op##_##dtype(void) {                                                       \
    enum { sizes size_count, one = GM_MAX_SIZES };                                                                    \
    static const struct stream all[] = {streams};                                                                     \
    return (struct op_streams){                                                                                       \
        .stream = all, .count = sizeof all / sizeof *all, element_sizes, .product = (int)size_count == GM_MAX_SIZES}; \
  }
#include "ops.def"

#define MEAN(a, b) ALL
#define SECOND_PASS(of) READING
#define OP(op, dtype, family, shape, sizes, streams, hypers, element, total, ...)                         \
  GM_INLINE double walk_##op##_##dtype(const gm_frame *frame, enum pass pass, size_t begin, size_t end) { \
    const struct op_streams own = streams_of_##op##_##dtype();                                            \
    const gm_##op##_##dtype##_args args = gm_##op##_##dtype##_read(frame);                                \
    return walk(touch_##op##_##dtype, &args, GM_##shape, &own, frame, pass, begin, end);                  \
  }                                                                                                       \
  static double run_##op##_##dtype(const gm_frame *frame, const float *coef, size_t begin, size_t end,    \
                                   void *scratch) {                                                       \
    (void)coef, (void)scratch;                                                                            \
    return walk_##op##_##dtype(frame, total, begin, end);                                                 \
  }
#include "ops.def"

/* What only some shapes have. */
static double conclude(const gm_frame *frame, double total, float coef[GM_MAX_COEFS]) {
  (void)frame, (void)coef;
  return total;
}
#undef MEAN
#undef SECOND_PASS
#define MEAN(a, b) if (false)
#define SECOND_PASS(of)
#define OP(op, dtype, family, shape, sizes, streams, hypers, element, total, ...)                        \
  static void apply_##op##_##dtype(const gm_frame *frame, const float *coef, size_t begin, size_t end) { \
    (void)coef;                                                                                          \
    total walk_##op##_##dtype(frame, ALL, begin, end);                                                   \
  }                                                                                                      \
  static size_t tiles_##op##_##dtype(const gm_frame *frame) {                                            \
    const struct op_streams own = streams_of_##op##_##dtype();                                           \
    return (longest(&own, frame) + PIECE - 1) / PIECE;                                                   \
  }
#include "ops.def"

#undef MEAN
#undef SECOND_PASS
#define MEAN(a, b) 0
#define SECOND_PASS(of) 1
#define OP(op, dtype, family, shape, sizes, streams, hypers, element, total, ...)                                \
  static const gm_body body_of_##op##_##dtype = {.run = run_##op##_##dtype,                                      \
                                                 .tiles = GM_##shape == GM_MATRIX ? tiles_##op##_##dtype : NULL, \
                                                 .conclude = total ? conclude : NULL,                            \
                                                 .apply = total ? apply_##op##_##dtype : NULL};
#include "ops.def"

static const gm_body *const bodies[] = {
#define OP(op, dtype, ...) &body_of_##op##_##dtype,
#include "ops.def"
};

/* None where streaming stores would be ordinary ones. */
extern const twin_bodies GM_NAMED(TWIN_BODIES);
const twin_bodies GM_NAMED(TWIN_BODIES) = TWIN_STREAMING && !V_STREAMS ? NULL : bodies;
