/* An op is cut into units that the body can do in any order: elements of an elementwise op, blocks of a reduction,
 * rows, tiles. What is cut how depends on the frame alone, never on the number of threads, wherever partial results are
 * added up: so the bits are the same for any number of threads. */
#include "parallel.h"

#include <stdlib.h>
#include <string.h>

#ifdef _OPENMP
#include <omp.h>
#endif

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

static bool has_result(const gm_op *op) { return op->streams > 0 && op->stream[op->streams - 1].role == GM_RESULT; }

static size_t product(const gm_frame *frame, const int index[2]) {
  size_t result = 1;
  for (int i = 0; i < 2; i++)
    if (index[i] < GM_MAX_SIZES) result *= frame->size[index[i]];
  return result;
}

/* ---- one frame -------------------------------------------------------------------------------------------------- */

struct call {
  const gm_body *body;
  const gm_frame *frame;
  const float *coef;
  struct cut cut;
  size_t chunks;   /* of a reduction, else 0 */
  double *partial; /* one per chunk */
  char *scratch;   /* of all threads */
  size_t scratch_each;
};

static void run_part(const struct call *call, int thread, int threads) {
  void *scratch = call->scratch ? call->scratch + (size_t)thread * call->scratch_each : NULL;
  const size_t parts = call->chunks ? call->chunks : call->cut.units;
  const struct range mine = part(parts, (size_t)threads, (size_t)thread);
  if (!call->chunks) {
    const struct range r = to_elements(call->cut, mine);
    if (r.begin < r.end) call->body->run(call->frame, call->coef, r.begin, r.end, scratch);
    return;
  }
  for (size_t chunk = mine.begin; chunk < mine.end; chunk++) {
    const struct range r = to_elements(call->cut, part(call->cut.units, call->chunks, chunk));
    call->partial[chunk] = call->body->run(call->frame, call->coef, r.begin, r.end, scratch);
  }
}

static gm_status run_frame(const gm_impl *impl, int threads, const gm_frame *frame) {
  const gm_op *op = impl->op;
  float coef[GM_MAX_COEFS] = {0};
  double partial[MAX_CHUNKS];
  struct call call = {.body = impl->body, .frame = frame, .coef = coef, .cut = cut_frame(op, impl->body, frame)};
  if (has_result(op)) call.chunks = clip(call.cut.units, MAX_CHUNKS), call.partial = partial;
  const size_t parts = call.chunks ? call.chunks : call.cut.units;
  if ((size_t)threads > parts) threads = parts ? (int)parts : 1;
  if (impl->body->scratch_bytes) {
    call.scratch_each = divide_up(impl->body->scratch_bytes(frame), LINE) * LINE;
    if (call.scratch_each && !(call.scratch = aligned_alloc(LINE, call.scratch_each * (size_t)threads)))
      return GM_NO_MEMORY;
  }
  if (impl->body->prepare) impl->body->prepare(frame, coef);
  if (threads == 1) {
    run_part(&call, 0, 1);
  } else {
#pragma omp parallel num_threads(threads)
    {
#ifdef _OPENMP
      run_part(&call, omp_get_thread_num(), omp_get_num_threads());
#else
      run_part(&call, 0, 1);
#endif
    }
  }
  free(call.scratch);
  if (has_result(op)) {
    double sum = 0;
    for (size_t chunk = 0; chunk < call.chunks; chunk++) sum += partial[chunk];
    *(double *)frame->stream[op->streams - 1] = sum / (double)product(frame, op->mean_over);
  }
  return GM_OK;
}

/* ---- a list of tensors ------------------------------------------------------------------------------------------ */

/* The tensors are laid end to end, each rounded up to whole lines, and every thread takes an equal stretch of lines: so
 * threads share the bytes, however the sizes are mixed. */
struct list {
  const gm_body *body;
  const gm_frame *tensors;
  size_t count, lines;
};

static size_t lines_of(const gm_frame *tensor) { return divide_up(tensor->size[0], ELEMENTS_PER_LINE); }

static void run_stretch(const struct list *list, int thread, int threads) {
  const struct range mine = part(list->lines, (size_t)threads, (size_t)thread);
  const double *prepared = NULL;
  float coef[GM_MAX_COEFS] = {0};
  size_t start = 0;
  for (size_t i = 0; i < list->count && start < mine.end; i++) {
    const gm_frame *tensor = &list->tensors[i];
    const size_t lines = lines_of(tensor), stop = start + lines;
    const size_t begin = mine.begin > start ? mine.begin - start : 0;
    const size_t end = clip(mine.end, stop) - start;
    if (stop > mine.begin && begin < end) {
      if (!prepared || memcmp(prepared, tensor->hyper, sizeof tensor->hyper) != 0) {
        if (list->body->prepare) list->body->prepare(tensor, coef);
        prepared = tensor->hyper;
      }
      list->body->run(tensor, coef, begin * ELEMENTS_PER_LINE, clip(end * ELEMENTS_PER_LINE, tensor->size[0]), NULL);
    }
    start = stop;
  }
}

static gm_status run_list(const gm_impl *impl, int threads, const gm_frame *frame) {
  struct list list = {.body = impl->body, .tensors = frame->stream[0], .count = frame->size[0]};
  for (size_t i = 0; i < list.count; i++) list.lines += lines_of(&list.tensors[i]);
  if ((size_t)threads > list.lines) threads = list.lines ? (int)list.lines : 1;
  if (threads == 1) {
    run_stretch(&list, 0, 1);
  } else {
#pragma omp parallel num_threads(threads)
    {
#ifdef _OPENMP
      run_stretch(&list, omp_get_thread_num(), omp_get_num_threads());
#else
      run_stretch(&list, 0, 1);
#endif
    }
  }
  return GM_OK;
}

gm_status gm_parallel_run(const gm_impl *impl, int threads, const gm_frame *frame) {
  return impl->op->shape == GM_LIST ? run_list(impl, threads, frame) : run_frame(impl, threads, frame);
}

void gm_thread_range(const gm_impl *impl, const gm_frame *frame, int threads, int thread, size_t *begin, size_t *end) {
  struct cut cut;
  size_t chunks = 0;
  if (impl->op->shape == GM_LIST) {
    cut = (struct cut){.grain = 1, .total = frame->size[0], .units = frame->size[0]};
  } else {
    cut = cut_frame(impl->op, impl->body, frame);
    if (has_result(impl->op)) chunks = clip(cut.units, MAX_CHUNKS);
  }
  struct range units = part(chunks ? chunks : cut.units, (size_t)threads, (size_t)thread);
  if (chunks) {
    const struct range first = part(cut.units, chunks, units.begin), last = part(cut.units, chunks, units.end);
    units = (struct range){first.begin, units.end == chunks ? cut.units : last.begin};
  }
  const struct range r = to_elements(cut, units);
  *begin = r.begin, *end = r.end;
}
