/* An op is cut into units that the body can do in any order: elements of an elementwise op, blocks of a reduction,
 * rows, tiles. What is cut how depends on the frame alone, never on the number of threads, wherever partial results are
 * added up: so the bits are the same for any number of threads. */
#include <stdlib.h>
#include <string.h>

#ifdef _OPENMP
#include <omp.h>
#include <pthread.h>
#endif

#include "arithmetic.h"
#include "internal.h"

enum {
  LINE = 64,
  ELEMENTS_PER_LINE = 16, /* threads never share a cache line of f32 */
  MAX_CHUNKS = 1024,      /* partial results of a reduction */
};

struct range {
  size_t begin, end;
};

/* Part `index` of `parts` of `total`, without overflow. */
static struct range part(size_t total, size_t parts, size_t index) {
  const size_t each = total / parts, extra = total % parts;
  const size_t begin = each * index + (index < extra ? index : extra);
  return (struct range){begin, begin + each + (index < extra)};
}

static size_t divide_up(size_t a, size_t b) { return a / b + (a % b != 0); }

static size_t clip(size_t a, size_t limit) { return a < limit ? a : limit; }

/* How many units there are, and elements (rows, tiles) in each but the last. */
struct cut {
  size_t units, grain, total;
};

static struct cut cut_frame(const gm_op *op, const gm_body *body, const gm_frame *frame) {
  struct cut cut = {.grain = 1};
  switch (op->shape) {
    case GM_ELEMENTWISE: cut.total = frame->size[0], cut.grain = ELEMENTS_PER_LINE; break;
    case GM_REDUCTION: cut.total = frame->size[0], cut.grain = GM_BLOCK; break;
    case GM_ROWWISE: cut.total = frame->size[0]; break;
    case GM_MATRIX: cut.total = body->tiles(frame); break;
    case GM_LIST: break;
  }
  cut.units = divide_up(cut.total, cut.grain);
  return cut;
}

static struct range to_elements(struct cut cut, struct range units) {
  return (struct range){clip(units.begin * cut.grain, cut.total), clip(units.end * cut.grain, cut.total)};
}

/* ---- one call --------------------------------------------------------------------------------------------------- */

/* A plain op is a list of one tensor. The tensors are laid end to end, each rounded up to whole units, and every thread
 * takes an equal stretch: so threads share the bytes, however the sizes are mixed. */
struct call {
  const gm_op *op;   /* what is applied to every tensor */
  const gm_op *list; /* NULL for a plain op */
  const gm_body *body;
  const gm_frame *frame;
  gm_frame common;          /* what all tensors share: of a plain op its frame */
  bool own_hypers;          /* a list whose tensors have hyperparameters of their own, else: */
  float coef[GM_MAX_COEFS]; /* from `common` */
  size_t units;
  size_t chunks; /* of an op with a result, else 0 */
  double partial[MAX_CHUNKS];
  char *scratch; /* of all threads */
  size_t scratch_each;
};

static size_t tensor_count(const struct call *call) { return call->list ? call->frame->size[0] : 1; }

static const gm_frame *tensor_at(const struct call *call, size_t index) {
  return call->list ? (const gm_frame *)call->frame->stream[0] + index : call->frame;
}

/* One thread on its way over the tensors. */
struct walk {
  size_t index, start; /* the tensor that it has come to, and the unit that this begins at */
  bool again;          /* the second pass */
  const double *prepared;
  float coef[GM_MAX_COEFS];
  void *scratch;
};

static const float *coefs_of(const struct call *call, struct walk *walk) {
  if (!call->own_hypers) return call->coef;
  const gm_frame *tensor = tensor_at(call, walk->index);
  if (!walk->prepared || memcmp(walk->prepared, tensor->hyper, sizeof tensor->hyper) != 0) {
    if (call->body->prepare) call->body->prepare(tensor, walk->coef);
    walk->prepared = tensor->hyper;
  }
  return walk->coef;
}

static double run_piece(const struct call *call, struct walk *walk, struct range r) {
  const gm_frame tensor = call->list ? gm_list_tensor(call->list, call->frame, walk->index) : *call->frame;
  const float *coef = coefs_of(call, walk);
  if (!walk->again) return call->body->run(&tensor, coef, r.begin, r.end, walk->scratch);
  call->body->apply(&tensor, coef, r.begin, r.end);
  return 0;
}

static double combine(const gm_op *op, double a, double b) {
  if (op->total == GM_MAXIMUM) return b > a ? b : a;
  return a + b;
}

/* The total of a stretch of units, none of which lies before the place that the walk has come to. */
static double run_stretch(const struct call *call, struct walk *walk, struct range stretch) {
  double total = 0;
  for (; walk->index < tensor_count(call); walk->index++) {
    const struct cut cut = cut_frame(call->op, call->body, tensor_at(call, walk->index));
    const size_t stop = walk->start + cut.units;
    const size_t begin = stretch.begin > walk->start ? stretch.begin : walk->start, end = clip(stretch.end, stop);
    if (begin < end) {
      const struct range units = {begin - walk->start, end - walk->start};
      total = combine(call->op, total, run_piece(call, walk, to_elements(cut, units)));
    }
    if (stop >= stretch.end) break; /* the next stretch may begin in this tensor */
    walk->start = stop;
  }
  return total;
}

static void run_pass(struct call *call, bool again, int thread, int threads) {
  struct walk walk = {.again = again};
  if (call->scratch) walk.scratch = call->scratch + (size_t)thread * call->scratch_each;
  if (!call->chunks) {
    run_stretch(call, &walk, part(call->units, (size_t)threads, (size_t)thread));
    return;
  }
  const struct range mine = part(call->chunks, (size_t)threads, (size_t)thread);
  for (size_t chunk = mine.begin; chunk < mine.end; chunk++) {
    const double total = run_stretch(call, &walk, part(call->units, call->chunks, chunk));
    if (!again) call->partial[chunk] = total;
  }
}

static void conclude(struct call *call) {
  const gm_op *op = call->op;
  double total = 0;
  for (size_t chunk = 0; chunk < call->chunks; chunk++) total = combine(op, total, call->partial[chunk]);
  double *result = call->frame->stream[op->streams - 1];
  *result = op->second_pass ? call->body->conclude(&call->common, total, call->coef)
                            : total / (double)gm_product(&call->common, op->mean_over, 2);
}

/* What each thread of a team does, in the caller's arithmetic: the bits are the same for any number of threads,
 * whatever the caller has set and whatever a thread was left with. Threads wait for each other within a team alone: one
 * thread may be one of several that the caller has. */
static void run_thread(struct call *call, int thread, int threads) {
  run_pass(call, false, thread, threads);
  if (!gm_has_result(call->op)) return;
  if (threads == 1) {
    conclude(call);
  } else {
#pragma omp barrier
#pragma omp single
    conclude(call);
  }
  if (call->op->second_pass) run_pass(call, true, thread, threads);
}

static void run_threads(struct call *call, int threads) {
#ifdef _OPENMP
  if (threads > 1) {
    const uint64_t of_caller = gm_arithmetic();
#pragma omp parallel num_threads(threads)
    {
      const uint64_t own = gm_arithmetic();
      gm_arithmetic_set(of_caller);
      run_thread(call, omp_get_thread_num(), omp_get_num_threads());
      if (gm_arithmetic() == of_caller) gm_arithmetic_set(own); /* else a body changed it, as it would on one thread */
    }
    return;
  }
#endif
  (void)threads;
  run_thread(call, 0, 1);
}

/* A child of fork() has one thread, and a runtime that takes the others for alive would wait for them for ever. So a
 * thread that forks lets its team go; parent and child make new ones when they need them. */
#ifdef _OPENMP
static void let_team_go(void) { omp_pause_resource_all(omp_pause_soft); }

static void watch_forks(void) { pthread_atfork(let_team_go, NULL, NULL); }

void gm_parallel_open(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, watch_forks);
}
#else
void gm_parallel_open(void) {}
#endif

/* All of a call but the coefficients and what the threads need. */
static void open_call(struct call *call, const gm_impl *impl, const gm_frame *frame) {
  const bool listed = impl->op->shape == GM_LIST;
  call->op = listed ? impl->op->of : impl->op;
  call->list = listed ? impl->op : NULL;
  call->body = impl->body;
  call->frame = frame;
  const bool result = gm_has_result(call->op);
  call->common = listed && result ? gm_list_common(impl->op, frame, gm_elements(impl->op, frame)) : *frame;
  call->own_hypers = listed && !result;
  call->units = 0;
  for (size_t i = 0; i < tensor_count(call); i++)
    call->units += cut_frame(call->op, call->body, tensor_at(call, i)).units;
  call->chunks = result ? clip(call->units, MAX_CHUNKS) : 0;
}

gm_status gm_call_unchecked(const gm_impl *impl, int threads, const gm_frame *frame) {
  struct call call;
  open_call(&call, impl, frame);
  memset(call.coef, 0, sizeof call.coef);
  if (!call.own_hypers && call.body->prepare) call.body->prepare(&call.common, call.coef);
  const size_t parts = call.chunks ? call.chunks : call.units;
  if ((size_t)threads > parts) threads = parts ? (int)parts : 1;
  call.scratch = NULL;
  call.scratch_each = 0;
  if (!call.list && call.body->scratch_bytes) {
    const size_t bytes = call.body->scratch_bytes(frame);
    if (bytes > SIZE_MAX / (2 * GM_MAX_THREADS)) return GM_NO_MEMORY; /* of all threads it would be no size */
    call.scratch_each = divide_up(bytes, LINE) * LINE;
    if (call.scratch_each && !(call.scratch = aligned_alloc(LINE, call.scratch_each * (size_t)threads)))
      return GM_NO_MEMORY;
  }
  run_threads(&call, threads);
  free(call.scratch);
  return GM_OK;
}

gm_status gm_call(const gm_impl *impl, int threads, const gm_frame *frame, gm_error *error) {
  if (!impl) return gm_fail(error, GM_UNKNOWN_NAME, "no implementation was given");
  if (!impl->runnable) return gm_fail(error, GM_NOT_RUNNABLE, "%s does not run here: %s", impl->name, impl->why_not);
  if (threads < 1 || threads > GM_MAX_THREADS)
    return gm_fail(error, GM_BAD_THREADS, "%d threads: it must be between 1 and %d", threads, GM_MAX_THREADS);
  const gm_status status = gm_check(impl->op, frame, error);
  if (status != GM_OK) return status;
  if (gm_call_unchecked(impl, threads, frame) != GM_OK)
    return gm_fail(error, GM_NO_MEMORY, "%s: no memory for the threads' scratch space", impl->name);
  return GM_OK;
}

/* How many elements (rows, tiles) lie before a unit, over all tensors laid end to end. */
static size_t elements_before(const struct call *call, size_t unit) {
  size_t before = 0;
  for (size_t i = 0; i < tensor_count(call); i++) {
    const struct cut cut = cut_frame(call->op, call->body, tensor_at(call, i));
    if (unit < cut.units) return before + unit * cut.grain;
    unit -= cut.units;
    before += cut.total;
  }
  return before;
}

void gm_thread_range(const gm_impl *impl, const gm_frame *frame, int threads, int thread, size_t *begin, size_t *end) {
  struct call call;
  open_call(&call, impl, frame);
  struct range units = part(call.chunks ? call.chunks : call.units, (size_t)threads, (size_t)thread);
  if (call.chunks) {
    const size_t last = units.end;
    units.begin = part(call.units, call.chunks, units.begin).begin;
    units.end = last == call.chunks ? call.units : part(call.units, call.chunks, last).begin;
  }
  *begin = elements_before(&call, units.begin), *end = elements_before(&call, units.end);
}
