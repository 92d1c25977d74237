#include "machine/limit.h"

#include <math.h>
#include <string.h>

#include "machine/clock.h"

const char *limits_isa(const gm_library *library, const gm_impl *impl) {
  enum { PREFERENCE_OF_AUTOVEC_FEATURES = 20 };
  const bool autovec = strcmp(impl->impl, "autovec") == 0;
  if (!impl->plugin && !autovec) return impl->impl;
  const gm_isa *best = NULL;
  for (size_t i = 0; i < gm_isa_count(library); i++) {
    const gm_isa *isa = gm_isa_at(library, i);
    if (!isa->compiled || !isa->supported || !isa->allowed || isa->fast || strcmp(isa->name, "autovec") == 0) continue;
    if (autovec && isa->preference > PREFERENCE_OF_AUTOVEC_FEATURES) continue;
    if (!best || isa->preference > best->preference) best = isa;
  }
  return best ? best->name : "scalar";
}

double limit_time(const struct limit *limit, int threads, long calls) {
  const double start = clock_seconds();
  for (long i = 0; i < calls; i++) gm_call_unchecked(&limit->impl, threads, &limit->frame);
  return (clock_seconds() - start) / limit->share;
}

/* Is anything only written, and all that is from the beginning of a line on? */
static bool may_stream(const gm_op *op, const gm_frame *frame) {
  enum { LINE = 64 };
  bool may = false;
  for (int k = 0; k < op->streams; k++) {
    if (op->stream[k].role != GM_WRITE) continue;
    if ((uintptr_t)frame->stream[k] % LINE) return false;
    may = true;
  }
  return may;
}

/* The builds by turns, so that whatever disturbs one disturbs the others, each a few times for 20 microseconds and
 * more: the fastest time of each counts. Where a call is long, only those that were near the fastest go on. */
static void choose(struct limit *limit, const struct twin_build *builds, int count, int threads) {
  enum { GOES = 5, GOES_OF_LONG = 4 };
  const double least = 20e-6, long_call = 1e-3, far_slower = 1.1;
  double fastest[TWIN_MOST_BUILDS];
  int chosen = 0;
  for (int i = 0; i < TWIN_MOST_BUILDS; i++) fastest[i] = INFINITY;
  limit->impl.body = builds[0].body;
  long calls = 1;
  double seconds;
  while ((seconds = limit_time(limit, threads, calls) * limit->share) < least && calls < 1L << 20) calls *= 2;
  const bool is_long = seconds > long_call;
  for (int go = 0; go < (is_long ? GOES_OF_LONG : GOES); go++)
    for (int i = 0; i < count; i++) {
      if (go > 0 && is_long && fastest[i] > far_slower * fastest[chosen]) continue;
      limit->impl.body = builds[i].body;
      seconds = limit_time(limit, threads, calls) * limit->share / (double)calls;
      fastest[i] = fmin(fastest[i], seconds);
      if (fastest[i] < fastest[chosen]) chosen = i;
    }
  limit->impl.body = builds[chosen].body;
  limit->description = builds[chosen].description;
  limit->seconds = fastest[chosen];
}

/* ---- the core twin ---------------------------------------------------------------------------------------------- */

/* Without streams, what takes long enough says as much as the whole; on several threads, too, as long as entering them
 * takes next to nothing beside it. */
static double enough(int threads) { return threads == 1 ? 0x1p17 : 0x1p23 * threads; }

static void shorten(struct limit *limit, const gm_op *op, int threads) {
  if (op->shape == GM_MATRIX || op->shape == GM_LIST) return;
  size_t *size = &limit->frame.size[0];
  const size_t all = *size, columns = op->shape == GM_ROWWISE ? limit->frame.size[1] : 1;
  const size_t most = (size_t)enough(threads) / columns + (size_t)threads;
  if (all > most) *size = most;
  limit->share = (double)*size / (double)all;
}

/* The multiply-adds of a product of matrices, as an elementwise op over vectors of them. */
static void open_product(struct limits *limits, const gm_op *op, const gm_frame *frame) {
  const core_loops *loops = core_loops_of(limits->isa);
  struct limit *limit = &limits->core_twin;
  limits->loop = (gm_op){.name = "multiply_add", .dtype = "f32", .shape = GM_ELEMENTWISE, .sizes = 1};
  const double all = ceil(operations_flops(op) / 2 * (double)gm_elements(op, frame) / loops->width);
  const double taken = fmin(all, enough(limits->threads));
  limit->impl = (gm_impl){.op = &limits->loop, .body = &loops->multiply_add, .runnable = true};
  limit->frame = (gm_frame){.size = {(size_t)taken}};
  limit->share = taken / all;
  limit->description = "multiply-adds in registers";
  limit->seconds = limit_time(limit, limits->threads, 1) * limit->share;
}

/* ---- both ------------------------------------------------------------------------------------------------------- */

static size_t index_of(const gm_library *library, const gm_op *op) {
  size_t index = 0;
  while (gm_op_at(library, index) != op) index++;
  return index;
}

/* Called as the implementation is, but for what it would write as its result. */
static struct limit like(const gm_impl *impl, const gm_frame *frame, double *result) {
  struct limit limit = {.impl = *impl, .frame = *frame, .share = 1};
  const int last = impl->op->streams - 1;
  if (gm_has_result(impl->op)) limit.frame.stream[last] = result;
  return limit;
}

void limits_open(struct limits *limits, const gm_library *library, const gm_impl *impl, const gm_frame *frame,
                 int threads) {
  const gm_op *plain = gm_plain(impl->op);
  const size_t index = index_of(library, plain);
  struct twin_build builds[TWIN_MOST_BUILDS];
  *limits = (struct limits){.isa = limits_isa(library, impl), .threads = threads};
  limits->twin = like(impl, frame, &limits->result);
  const bool streams = !impl->op->of && may_stream(plain, frame);
  choose(&limits->twin, builds, twin_builds(index, limits->isa, streams, builds), threads);
  if (!streams) limits->twin.description = NULL; /* nothing to choose */
  limits->core_twin = like(impl, frame, &limits->result);
  const int count = core_twin_builds(index, limits->isa, builds);
  if (count) {
    shorten(&limits->core_twin, impl->op, threads);
    choose(&limits->core_twin, builds, count, threads);
  } else {
    open_product(limits, plain, frame);
  }
  limits->core = core_measure(core_loops_of(limits->isa), threads);
}

const char *limits_core_description(const struct limits *limits, const gm_op *op) {
  struct operations operations;
  if (!operations_of(op, limits->isa, &operations)) return core_kind_description(CORE_OTHER);
  return core_kind_description(core_bound_by(&limits->core, &operations));
}
