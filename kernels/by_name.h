/* gradmark by name: what an op and an implementation are, how to list, find, check and call them, and plug-ins. Nothing
 * here depends on which ops there are; gradmark.h adds a typed call for each, and says what all of this is. */
#ifndef GRADMARK_BY_NAME_H
#define GRADMARK_BY_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define GM_API __attribute__((visibility("default")))
#else
#define GM_API
#endif

enum {
  GM_MAX_SIZES = 3,
  GM_MAX_STREAMS = 8,
  GM_MAX_HYPERS = 8,
  GM_MAX_COEFS = 12,
  GM_MAX_THREADS = 1024,
  GM_MESSAGE_SIZE = 240,
  GM_NAME_SIZE = 96,
  GM_PLUGIN_ABI = 2,
};

typedef enum gm_status {
  GM_OK = 0,
  GM_UNKNOWN_NAME, /* no such op, implementation or ISA */
  GM_NOT_RUNNABLE, /* known, but not on this processor, under this system or in this build */
  GM_BAD_STREAM,   /* a null, overlapping or misaligned stream */
  GM_BAD_SIZE,     /* a shape that cannot be: zero columns, a product beyond size_t, a label out of range */
  GM_BAD_HYPER,    /* a hyperparameter outside its range, or not a number */
  GM_BAD_THREADS,  /* fewer than one thread or more than GM_MAX_THREADS */
  GM_NO_MEMORY,
  GM_BAD_PLUGIN,
} gm_status;

/* What went wrong, for a person: one sentence without a full stop. Every function that takes one accepts NULL. */
typedef struct gm_error {
  gm_status status;
  char message[GM_MESSAGE_SIZE];
} gm_error;

typedef enum gm_shape {
  GM_ELEMENTWISE, /* every element on its own; split anywhere */
  GM_REDUCTION,   /* blocks of elements, each with a partial result (and perhaps an elementwise output) */
  GM_ROWWISE,     /* rows, each on its own, perhaps with a partial result */
  GM_MATRIX,      /* independent output tiles, counted by the body */
  GM_LIST,        /* an elementwise op or a reduction over a list of tensors, as one job */
} gm_shape;

typedef float gm_f32;
typedef double gm_f64;
typedef int32_t gm_i32; /* labels: classes of a row */
typedef int8_t gm_i8;   /* codes -127 .. 127, or a mask of 0 and others */
typedef enum gm_type { GM_TYPE_f32, GM_TYPE_f64, GM_TYPE_i32, GM_TYPE_i8 } gm_type;

/* How a kernel walks a stream. A result is the one double that a reduction gives back. */
typedef enum gm_role { GM_READ, GM_UPDATE, GM_WRITE, GM_RESULT } gm_role;

/* How the partial results of an op become one total: their sum, or the largest of them and of 0. */
typedef enum gm_total { GM_SUM, GM_MAXIMUM } gm_total;

/* What the values of a stream mean: a second moment is never negative, a probability within 0 .. 1. No op checks it. */
typedef enum gm_domain { GM_ANY, GM_NONNEGATIVE, GM_PROBABILITY } gm_domain;

/* An extent is the product of two sizes, each an index into the op's sizes; GM_MAX_SIZES stands for 1. */
typedef struct gm_stream {
  const char *name;
  gm_type type;
  gm_role role;
  int extent[2];
  gm_domain domain;
} gm_stream;

/* A hyperparameter: its usual value, its closed range, and a second value that verification also uses. */
typedef struct gm_hyper {
  const char *name;
  double usual, low, high, other;
  bool whole; /* only whole numbers: a choice or a count */
} gm_hyper;

/* What a layer does to its sums: the values of the hyperparameter `activation`. */
enum gm_activation { GM_IDENTITY, GM_RELU, GM_SIGMOID, GM_TANH };

typedef struct gm_op {
  const char *name;   /* adamw */
  const char *dtype;  /* f32 */
  const char *family; /* optim: the folder that its file lives in */
  gm_shape shape;
  int sizes, streams, hypers;
  const char *size_name[GM_MAX_SIZES];
  gm_stream stream[GM_MAX_STREAMS];
  gm_hyper hyper[GM_MAX_HYPERS];
  int element[GM_MAX_SIZES]; /* an "element" of the op is one of the product of these sizes */
  gm_total total;            /* of the partial results */
  bool second_pass;          /* the result is what the body concludes from the total, and decides a second pass */
  int mean_over[2];          /* without a second pass the result is the total over this product */
  double ulp, ulp_fast, ulp_result; /* largest error allowed against the oracle, as ops.def says */
  bool has_fast;
  const struct gm_op *of; /* for a list: the op that is applied to every tensor */
} gm_op;

/* Whether the op gives one number back: its last stream then. Of a list, too. */
static inline bool gm_has_result(const gm_op *op) {
  return op->streams > 0 && op->stream[op->streams - 1].role == GM_RESULT;
}

/* The op itself, or of a list the op that is applied to each tensor. */
static inline const gm_op *gm_plain(const gm_op *op) { return op->of ? op->of : op; }

/* The arguments of any op: sizes, streams and hyperparameters in the order of the op's row. A list op has one size,
 * the number of tensors, and one stream, an array of that many frames of the op it applies.
 * A list of an op with a result has one result and one set of hyperparameters for all tensors, and both stand in the
 * list's own frame, at their places in the op's row; those of the tensors are not looked at:
 *
 *   gm_frame tensor[2] = {{.size = {n0}, .stream = {grads0}}, {.size = {n1}, .stream = {grads1}}};
 *   gm_frame list = {.size = {2}, .stream = {tensor, &norm}, .hyper = {max_norm}};
 *   gm_call(gm_find(library, "clip_global_norm/f32", &error), threads, &list, &error); */
typedef struct gm_frame {
  size_t size[GM_MAX_SIZES];
  void *stream[GM_MAX_STREAMS];
  double hyper[GM_MAX_HYPERS];
} gm_frame;

/* What an implementation consists of, and what a plug-in gives for each of its implementations.
 * `prepare` turns the hyperparameters into coefficients, once per call; NULL if there are none.
 * `run` handles elements (rows, tiles) begin .. end-1 and returns their partial result, 0 if the op has none. It may
 * be called by several threads at once for ranges that do not meet, must give bits that do not depend on how the
 * range was split (for elementwise ops anywhere; for reductions at multiples of GM_BLOCK), and keeps no state.
 * `tiles` counts a matrix op's independent tiles; NULL for all other shapes.
 * `scratch_bytes` is what one thread needs as 64-byte aligned `scratch`; NULL if none. Within a list there is none.
 * `conclude` and `apply` are for ops with a second pass, and NULL for all others. Once all ranges are run, `conclude`
 * turns the total of their partial results into the op's result, which it returns, and writes the coefficients of the
 * second pass over those of `prepare`. Then `apply` handles the elements begin .. end-1 again, as `run` does, but with
 * bits that do not depend on any split. Of a list both `prepare` and `conclude` see a frame of all tensors' elements
 * together, with the hyperparameters but without streams. */
enum { GM_BLOCK = 4096 };
typedef struct gm_body {
  void (*prepare)(const gm_frame *frame, float coef[GM_MAX_COEFS]);
  double (*run)(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch);
  size_t (*tiles)(const gm_frame *frame);
  size_t (*scratch_bytes)(const gm_frame *frame);
  double (*conclude)(const gm_frame *frame, double total, float coef[GM_MAX_COEFS]);
  void (*apply)(const gm_frame *frame, const float *coef, size_t begin, size_t end);
} gm_body;

/* One implementation as a library offers it. `runnable` is false for what this processor, this system, this build or
 * GRADMARK_ISA does not allow; `why_not` then says which of them, in words, and `body` may be NULL. */
typedef struct gm_impl {
  char name[GM_NAME_SIZE]; /* op/dtype/impl */
  const gm_op *op;
  const char *impl;     /* avx512_fast */
  const char *requires; /* the processor features in words */
  const gm_body *body;
  bool runnable, compiled, fused, fast, plugin;
  int preference;
  const char *why_not;
} gm_impl;

/* One ISA of isas.def, seen from this processor, system and build. */
typedef struct gm_isa {
  const char *name;
  const char *requires;
  bool compiled, supported, allowed, fast, fused;
  int preference;
  const char *why_not;
} gm_isa;

typedef struct gm_library gm_library;

GM_API const char *gm_version(void);

/* Opens a library: looks at the processor and the system, and lists what runs here. `isa_rule` forces or forbids
 * ISAs: names separated by commas; "avx2,avx512" allows these two (and scalar, the base of comparison) and nothing
 * else, "-avx512,-avx512_fast" allows all but these. NULL reads the rule from the environment's GRADMARK_ISA; "" sets
 * none. NULL and an error for an unknown name, or without memory. */
GM_API gm_library *gm_open(const char *isa_rule, gm_error *error);
GM_API void gm_close(gm_library *library);

/* Adds the implementations of a shared object that exports `gm_plugin`: `file` is a path, and a name without a slash a
 * file of the current folder. It stays loaded until gm_close. Every gm_impl that was found before is found anew after
 * it. The names of its implementations are of letters, digits and _-.+ alone. */
GM_API gm_status gm_load_plugin(gm_library *library, const char *file, gm_error *error);

/* What a library holds. Of no library (NULL) there is nothing, and NULL is what stands at an index beyond. */
GM_API size_t gm_op_count(const gm_library *library);
GM_API const gm_op *gm_op_at(const gm_library *library, size_t index);
GM_API size_t gm_isa_count(const gm_library *library);
GM_API const gm_isa *gm_isa_at(const gm_library *library, size_t index);
GM_API size_t gm_impl_count(const gm_library *library);
GM_API const gm_impl *gm_impl_at(const gm_library *library, size_t index);

/* By full name, op/dtype/impl; or by op/dtype alone, which gives the runnable exact implementation of the highest
 * preference, never a plug-in's. NULL and GM_UNKNOWN_NAME if there is none, GM_NOT_RUNNABLE if none of the op's runs
 * here. */
GM_API const gm_impl *gm_find(const gm_library *library, const char *name, gm_error *error);

/* Number of elements of one stream, or of the op as a whole; SIZE_MAX where it is beyond size_t, as are the tensors of
 * a list. Here and in the two functions below, as in gm_call_unchecked, neither op nor frame may be NULL. */
GM_API size_t gm_stream_extent(const gm_op *op, int stream, const gm_frame *frame);
GM_API size_t gm_elements(const gm_op *op, const gm_frame *frame);
GM_API size_t gm_type_bytes(gm_type type);

/* Bytes of one stream. */
static inline size_t gm_stream_bytes(const gm_op *op, int stream, const gm_frame *frame) {
  return gm_stream_extent(op, stream, frame) * gm_type_bytes(op->stream[stream].type);
}

/* Bytes that one step moves to and from a level beyond L1: R + 2U + (1+a)W, a = 1, over all streams of the frame; with
 * a second pass, what the first one reads, R + U, comes on top. */
GM_API double gm_bytes(const gm_op *op, const gm_frame *frame);

/* The range of elements (rows, tiles) that thread `thread` of `threads` handles; memory is best first touched so. Of a
 * list, whose threads share bytes rather than tensors, counted over all tensors laid end to end. */
GM_API void gm_thread_range(const gm_impl *impl, const gm_frame *frame, int threads, int thread, size_t *begin,
                            size_t *end);

/* Checks a frame against its op: streams present, aligned to their type, not overlapping each other (a stream may
 * never alias another, of whichever tensor of a list, nor the list), sizes possible, hyperparameters in range. Reads
 * the labels (streams of i32) and a list's frames, nothing else. */
GM_API gm_status gm_check(const gm_op *op, const gm_frame *frame, gm_error *error);

/* Checks the frame, then runs one step on `threads` threads. On any status but GM_OK nothing was written. The bits of
 * the result do not depend on `threads`: all of them round, and treat subnormals, as the calling thread does. A process
 * that has opened a library may fork: threads are there for the child, too, unless it was forked from within a parallel
 * region of OpenMP. For that the team of the thread that forks ends, with what its threads kept for themselves
 * (threadprivate), and the next parallel region of parent or child makes a new one. */
GM_API gm_status gm_call(const gm_impl *impl, int threads, const gm_frame *frame, gm_error *error);

/* The same without the check, for callers that have made it once and call many times. Only GM_NO_MEMORY can occur. */
GM_API gm_status gm_call_unchecked(const gm_impl *impl, int threads, const gm_frame *frame);

/* The largest relative error of grad_sumsq: for any finite values and any length up to 2^40 elements, in any
 * implementation (fused ones keep 2.4e-6; kernels/reduce/sum_of_squares.h derives both). */
#define GM_GRAD_SUMSQ_BOUND 4.3e-6

/* ---- plug-ins --------------------------------------------------------------------------------------------------- */

typedef struct gm_plugin_impl {
  const char *op, *dtype, *impl, *requires;
  bool fused; /* promises the same bits as the fused ISAs of the suite */
  bool fast;  /* judged by the op's wider tolerance */
  bool (*runnable)(void);
  gm_body body;
} gm_plugin_impl;

/* What a plug-in exports, under the name `gm_plugin`. */
typedef struct gm_plugin_table {
  int abi; /* GM_PLUGIN_ABI: 2 since bodies may have a second pass */
  size_t count;
  const gm_plugin_impl *impls;
} gm_plugin_table;
GM_API extern const gm_plugin_table gm_plugin; /* defined by the plug-in, not by the library */

#ifdef __cplusplus
}
#endif
#endif
