#include "verify/verify.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "memory/guarded.h"
#include "oracle/oracle.h"
#include "verify/cases.h"
#include "verify/judge.h"
#include "verify/large.h"
#include "verify/trap.h"

enum { STREAM_BYTES = 4 << 20, GAP = 3 /* elements between the tensors of a list */, MOST_OPS = 1024 };

struct stretch {
  size_t begin, end; /* bytes from guarded.begin */
};

/* The bits of an op's first fused implementation. */
struct reference {
  const gm_op *op;
  uint64_t bits;
  char by[GM_NAME_SIZE];
};

struct verifier {
  uint64_t seed;
  const gm_library *library; /* whose bits a plug-in's must be; NULL: not known */
  struct guarded stream[GM_MAX_STREAMS];
  char *before[GM_MAX_STREAMS]; /* the streams as they were before the step */
  double *value[GM_MAX_STREAMS], *scale[GM_MAX_STREAMS];
  double result[GM_MAX_STREAMS]; /* a result stream is one double outside the guarded memory */
  struct reference reference[MOST_OPS];
  int references;
  struct large large;
};

struct verifier *verifier_open(uint64_t seed) {
  struct verifier *v = calloc(1, sizeof *v);
  if (!v) return NULL;
  v->seed = seed;
  for (int k = 0; k < GM_MAX_STREAMS; k++) {
    v->before[k] = malloc(STREAM_BYTES);
    v->value[k] = malloc(STREAM_BYTES * 2);
    v->scale[k] = malloc(STREAM_BYTES * 2);
    if (!v->before[k] || !v->value[k] || !v->scale[k] || !guarded_open(&v->stream[k], STREAM_BYTES)) {
      verifier_close(v);
      return NULL;
    }
  }
  return v;
}

void verifier_close(struct verifier *v) {
  if (!v) return;
  for (int k = 0; k < GM_MAX_STREAMS; k++) {
    guarded_close(&v->stream[k]);
    free(v->before[k]);
    free(v->value[k]);
    free(v->scale[k]);
  }
  large_close(&v->large);
  free(v);
}

void verifier_know(struct verifier *v, const gm_library *library) { v->library = library; }

/* ---- one case laid out in memory -------------------------------------------------------------------------------- */

/* A plain op is a list of one tensor. Of a list of an op with a result, which has one result and one set of
 * hyperparameters, `whole` says so; its tensors' own are set to what must not be used. */
struct layout {
  const gm_op *op; /* what is applied to every tensor */
  size_t tensors;
  bool whole;
  gm_frame frame[CASES_MAX_TENSORS];
  gm_frame before[CASES_MAX_TENSORS];
  gm_frame call; /* what the implementation is called with */
  struct stretch at[GM_MAX_STREAMS][CASES_MAX_TENSORS];
  struct stretch window[GM_MAX_STREAMS]; /* what is filled and watched around the tensors */
};

static void lay_out_stream(struct verifier *v, struct layout *layout, const struct proof_case *c, int k) {
  const gm_op *op = layout->op;
  const size_t each = gm_type_bytes(op->stream[k].type), gap = GAP * each;
  size_t total = 0;
  for (size_t i = 0; i < layout->tensors; i++) total += gm_stream_bytes(op, k, &layout->frame[i]) + (i ? gap : 0);
  const size_t margin = c->offset * each, limit = v->stream[k].bytes;
  size_t at = c->edge == EDGE_END ? limit - total - margin : margin;
  const size_t around = 4096;
  layout->window[k].begin = at > around ? at - around : 0;
  for (size_t i = 0; i < layout->tensors; i++) {
    const size_t bytes = gm_stream_bytes(op, k, &layout->frame[i]);
    layout->at[k][i] = (struct stretch){at, at + bytes};
    layout->frame[i].stream[k] = v->stream[k].begin + at;
    layout->before[i].stream[k] = v->before[k] + at;
    at += bytes + gap;
  }
  const size_t end = layout->tensors ? at - gap : at;
  layout->window[k].end = limit - end > around ? end + around : limit;
}

static double hyper_value(const gm_hyper *hyper, const struct proof_case *c, bool other) {
  if (c->choice && c->choice <= cases_choices(hyper)) return hyper->low + c->choice - 1;
  return other ? hyper->other : hyper->usual;
}

static void lay_out(struct verifier *v, struct layout *layout, const gm_op *op, const struct proof_case *c) {
  layout->op = gm_plain(op);
  layout->tensors = op->of ? c->size[0] : 1;
  for (size_t i = 0; i < layout->tensors; i++) {
    gm_frame *frame = &layout->frame[i];
    *frame = (gm_frame){0};
    memcpy(frame->size, c->size, sizeof frame->size);
    if (op->of) frame->size[0] = cases_tensor_length(i);
    for (int h = 0; h < op->hypers; h++) /* the tensors of a list alternate */
      frame->hyper[h] = hyper_value(&op->hyper[h], c, c->other_hypers != (i % 3 == 1));
    layout->before[i] = *frame;
  }
  for (int k = 0; k < layout->op->streams; k++) {
    if (layout->op->stream[k].role == GM_RESULT)
      layout->frame[0].stream[k] = &v->result[k];
    else
      lay_out_stream(v, layout, c, k);
  }
  layout->whole = op->of && gm_has_result(op);
  layout->call = op->of ? (gm_frame){.size = {layout->tensors}, .stream = {layout->frame}} : layout->frame[0];
  if (layout->whole) {
    const int result = op->streams - 1;
    layout->call.stream[result] = &v->result[result];
    memcpy(layout->call.hyper, layout->before[0].hyper, sizeof layout->call.hyper);
    for (size_t i = 0; i < layout->tensors; i++) {
      layout->frame[i].stream[result] = NULL;
      for (int h = 0; h < op->hypers; h++) layout->frame[i].hyper[h] = NAN;
    }
  }
}

static void fill(struct verifier *v, const struct layout *layout, const struct proof_case *c) {
  const gm_op *op = layout->op;
  struct random random;
  random_seed(&random, v->seed ^ (uint64_t)c->fill << 56 ^ (uint64_t)c->other_hypers << 55);
  for (int k = 0; k < op->streams; k++) {
    const gm_role role = op->stream[k].role;
    if (role == GM_RESULT) continue;
    guarded_fill(&v->stream[k], layout->window[k].begin, layout->window[k].end);
    if (role == GM_WRITE) continue; /* stays a NaN pattern: an element that is not written is seen */
    for (size_t i = 0; i < layout->tensors; i++) {
      const gm_frame *frame = &layout->frame[i];
      fill_stream(&random, c->fill, op, k, frame->stream[k], gm_stream_extent(op, k, frame),
                  op->sizes ? frame->size[op->sizes - 1] : 1);
    }
  }
}

/* ---- one step and its judgement --------------------------------------------------------------------------------- */

struct proof {
  struct verifier *v;
  const gm_impl *impl;
  struct layout layout;
  struct verdict verdict;
  /* The case last proved on one thread, and the bits of what it wrote. */
  struct proof_case alone;
  uint64_t alone_bits;
};

__attribute__((format(printf, 4, 5))) static bool fail(struct proof *proof, const struct proof_case *c, int step,
                                                       const char *format, ...) {
  struct verdict *verdict = &proof->verdict;
  static const char *const kinds[] = {"moderate data",  "data of many scales", "integers",
                                      "special values", "extreme values",      "zero gradients"};
  va_list args;
  va_start(args, format);
  int used = vsnprintf(verdict->failure, sizeof verdict->failure, format, args);
  va_end(args);
  char sizes[CASES_SIZES], choice[32] = "";
  if (c->choice) snprintf(choice, sizeof choice, "; choice %d", c->choice);
  cases_sizes(sizes, proof->impl->op, c->size);
  if (used > 0 && (size_t)used < sizeof verdict->failure)
    snprintf(verdict->failure + used, sizeof verdict->failure - (size_t)used,
             " (%s; %s; arrays %s an inaccessible page%s; step %d; %d thread%s%s%s)", sizes, kinds[c->fill],
             c->edge == EDGE_END ? "end" : "begin", c->offset ? ", some elements off" : "", step, c->threads,
             c->threads == 1 ? "" : "s", c->other_hypers ? "; second hyperparameters" : "", choice);
  verdict->passed = false;
  return false;
}

static bool writable(const gm_op *op, int k) { return op->stream[k].role != GM_READ; }

/* Nothing outside the arrays has changed, nor any array that is only read. */
static bool untouched(struct proof *proof, const struct proof_case *c, int step) {
  const struct layout *layout = &proof->layout;
  const gm_op *op = layout->op;
  for (int k = 0; k < op->streams; k++) {
    if (op->stream[k].role == GM_RESULT) continue;
    const struct guarded *memory = &proof->v->stream[k];
    const char *before = proof->v->before[k];
    size_t from = layout->window[k].begin;
    for (size_t i = 0; i <= layout->tensors; i++) {
      const bool last = i == layout->tensors;
      const size_t to = last ? layout->window[k].end : layout->at[k][i].begin;
      const size_t changed = guarded_changed(memory, before, from, to);
      if (changed != to) return fail(proof, c, step, "a byte outside %s was changed", op->stream[k].name);
      if (last) break;
      from = layout->at[k][i].end;
      if (!writable(op, k) && guarded_changed(memory, before, layout->at[k][i].begin, from) != from)
        return fail(proof, c, step, "%s, which is only read, was changed", op->stream[k].name);
    }
  }
  return true;
}

static void ask_oracle(const struct proof *proof, const gm_frame *before) {
  const struct verifier *v = proof->v;
  const gm_op *op = proof->layout.op;
  gm_oracle_out out = {{0}, {0}};
  for (int k = 0; k < op->streams; k++)
    if (writable(op, k)) out.value[k] = v->value[k], out.scale[k] = v->scale[k];
  gm_oracle_of(op)(before, &out);
}

/* `count` elements of stream `k`, which for the oracle begin at `first`. */
static bool judge_stream(struct proof *proof, const struct proof_case *c, int step, int k, const void *data,
                         size_t first, size_t count, double allowed) {
  struct verifier *v = proof->v;
  const gm_stream *stream = &proof->layout.op->stream[k];
  double *largest = stream->role == GM_RESULT ? &proof->verdict.result_ulp : &proof->verdict.max_ulp;
  for (size_t e = 0; e < count; e++) {
    const double got = judge_element(stream->type, data, e), value = v->value[k][first + e];
    const double ulp = judge_ulp(value, v->scale[k][first + e], got, stream->type);
    if (ulp > *largest && ulp <= allowed) *largest = ulp;
    if (ulp > allowed) {
      char description[JUDGE_SENTENCE];
      judge_describe(description, stream, e, got, value, ulp, allowed);
      return fail(proof, c, step, "%s", description);
    }
  }
  return true;
}

/* `first` is where tensor `i` begins within what the oracle was asked. */
static bool judge_tensor(struct proof *proof, const struct proof_case *c, int step, size_t i, size_t first) {
  const struct layout *layout = &proof->layout;
  const gm_op *op = layout->op;
  for (int k = 0; k < op->streams; k++) {
    if (!writable(op, k) || op->stream[k].role == GM_RESULT) continue;
    /* Sums of integers are exact in every order. */
    const bool exact = c->fill == FILL_INTEGERS && op->shape == GM_MATRIX;
    const double allowed = exact ? 0.5 : judge_allowed(proof->impl, k, &layout->frame[i]);
    const size_t count = gm_stream_extent(op, k, &layout->frame[i]);
    if (!judge_stream(proof, c, step, k, layout->frame[i].stream[k], first, count, allowed)) return false;
  }
  return true;
}

static bool judge_result(struct proof *proof, const struct proof_case *c, int step) {
  const gm_op *op = proof->layout.op;
  const int k = op->streams - 1;
  if (!gm_has_result(op)) return true;
  /* But for one division or root of the sum, unless there are probabilities, which are no integers. */
  bool integers = true;
  for (int i = 0; i < op->streams; i++) integers = integers && op->stream[i].domain != GM_PROBABILITY;
  const bool exact = step == 1 && c->fill == FILL_INTEGERS && op->shape == GM_REDUCTION && integers;
  return judge_stream(proof, c, step, k, &proof->v->result[k], 0, 1, exact ? 0.5 : judge_allowed(proof->impl, k, NULL));
}

/* All tensors as they were before, laid end to end without the gaps, as one. */
static gm_frame join(struct layout *layout) {
  const gm_op *op = layout->op;
  gm_frame whole = layout->call;
  whole.size[0] = 0;
  for (size_t i = 0; i < layout->tensors; i++) whole.size[0] += layout->frame[i].size[0];
  for (int k = 0; k < op->streams - 1; k++) {
    char *to = whole.stream[k] = layout->tensors ? layout->before[0].stream[k] : NULL;
    for (size_t i = 0; i < layout->tensors; i++) {
      const size_t bytes = gm_stream_bytes(op, k, &layout->frame[i]);
      memmove(to, layout->before[i].stream[k], bytes);
      to += bytes;
    }
  }
  return whole;
}

static bool judge(struct proof *proof, const struct proof_case *c, int step) {
  struct layout *layout = &proof->layout;
  if (layout->whole) {
    const gm_frame whole = join(layout);
    ask_oracle(proof, &whole);
  }
  size_t first = 0;
  for (size_t i = 0; i < layout->tensors; i++) {
    if (!layout->whole) ask_oracle(proof, &layout->before[i]);
    if (!judge_tensor(proof, c, step, i, first)) return false;
    if (layout->whole) first += layout->frame[i].size[0];
  }
  return judge_result(proof, c, step);
}

/* All NaNs are one: their payload and sign are nobody's promise. */
static uint64_t hash_outputs(const struct layout *layout, const struct verifier *v, uint64_t h) {
  const gm_op *op = layout->op;
  for (int k = 0; k < op->streams; k++) {
    if (!writable(op, k)) continue;
    if (op->stream[k].role == GM_RESULT) {
      const double one = isnan(v->result[k]) ? NAN : v->result[k];
      h = hash_add(h, &one, sizeof one);
      continue;
    }
    for (size_t i = 0; i < layout->tensors; i++) {
      const float *x = layout->frame[i].stream[k];
      if (op->stream[k].type != GM_TYPE_f32) {
        h = hash_add(h, x, gm_stream_bytes(op, k, &layout->frame[i]));
        continue;
      }
      for (size_t e = 0; e < gm_stream_extent(op, k, &layout->frame[i]); e++) {
        const float one = isnan(x[e]) ? NAN : x[e];
        h = hash_add(h, &one, sizeof one);
      }
    }
  }
  return h;
}

static bool one_step(struct proof *proof, const struct proof_case *c, int step) {
  struct verifier *v = proof->v;
  struct layout *layout = &proof->layout;
  const gm_op *op = layout->op;
  for (int h = 0; h < op->hypers; h++)
    if (strcmp(op->hyper[h].name, "step") == 0 && !c->other_hypers)
      for (size_t i = 0; i < layout->tensors; i++) layout->frame[i].hyper[h] = layout->before[i].hyper[h] = step;
  for (int k = 0; k < op->streams; k++) {
    v->result[k] = NAN;
    if (op->stream[k].role == GM_RESULT) continue;
    const struct stretch w = layout->window[k];
    memcpy(v->before[k] + w.begin, v->stream[k].begin + w.begin, w.end - w.begin);
  }
  if (!proof->impl->op->of) layout->call = layout->frame[0];
  const gm_frame *frame = &layout->call;
  gm_error error;
  if (gm_check(proof->impl->op, frame, &error) != GM_OK)
    return fail(proof, c, step, "the case itself is wrong: %s", error.message);
  const struct trapped trapped = trap_call(proof->impl, c->threads, frame);
  char description[TRAP_SENTENCE];
  if (!trap_went_well(&trapped, description)) return fail(proof, c, step, "%s", description);
  /* What several threads wrote has the bits of what one wrote, which was held against the oracle. */
  return untouched(proof, c, step) && (c->threads > 1 || judge(proof, c, step));
}

/* All steps of a case; *bits becomes the hash of what they wrote. */
static bool all_steps(struct proof *proof, const struct proof_case *c, uint64_t *bits) {
  lay_out(proof->v, &proof->layout, proof->impl->op, c);
  fill(proof->v, &proof->layout, c);
  *bits = HASH_BEGIN;
  for (int step = 1; step <= c->steps; step++) {
    if (!one_step(proof, c, step)) return false;
    *bits = hash_outputs(&proof->layout, proof->v, *bits);
  }
  return true;
}

enum { WHOLE = 6 * CASES_WIDEST, PIECE = 4 * CASES_WIDEST - 1 };

/* The same elements, cut out of the array at `first`, have the bits that they have in the whole. */
static bool same_bits_from(struct proof *proof, const struct proof_case *c, size_t first) {
  const struct verifier *v = proof->v;
  const gm_op *op = proof->impl->op;
  struct layout *layout = &proof->layout;
  lay_out(proof->v, layout, op, c);
  char whole[GM_MAX_STREAMS][PIECE * sizeof(double)];
  for (int part = 0; part < 2; part++) {
    fill(proof->v, layout, c);
    gm_frame frame = layout->frame[0];
    if (part) {
      frame.size[0] = PIECE;
      for (int k = 0; k < op->streams; k++)
        frame.stream[k] = (char *)frame.stream[k] + first * gm_type_bytes(op->stream[k].type);
    }
    const struct trapped trapped = trap_call(proof->impl, 1, &frame);
    char description[TRAP_SENTENCE];
    if (!trap_went_well(&trapped, description))
      return fail(proof, c, 1, "%s, at another place in the array", description);
    for (int k = 0; k < op->streams; k++) {
      const size_t each = gm_type_bytes(op->stream[k].type);
      const char *piece = v->stream[k].begin + layout->at[k][0].begin + first * each;
      if (!part)
        memcpy(whole[k], piece, PIECE * each);
      else if (memcmp(whole[k], piece, PIECE * each) != 0)
        return fail(proof, c, 1, "%s has other bits when the same elements begin at another place", op->stream[k].name);
    }
  }
  return true;
}

/* Body and tail agree: every element of a vector's length comes to lie in the tail at some place. */
static bool same_bits_anywhere(struct proof *proof) {
  if (proof->impl->op->shape != GM_ELEMENTWISE) return true;
  for (size_t first = 1; first <= 2 * CASES_WIDEST; first++) {
    const struct proof_case c = {
        .size = {WHOLE}, .fill = FILL_MODERATE, .other_hypers = first % 2, .steps = 1, .threads = 1};
    if (!same_bits_from(proof, &c, first)) return false;
  }
  return true;
}

static bool same_but_for_threads(const struct proof_case *a, const struct proof_case *b) {
  return memcmp(a->size, b->size, sizeof a->size) == 0 && a->offset == b->offset && a->edge == b->edge &&
         a->fill == b->fill && a->other_hypers == b->other_hypers && a->choice == b->choice && a->steps == b->steps;
}

static bool prove_case(void *context, const struct proof_case *c) {
  struct proof *proof = context;
  uint64_t bits;
  proof->verdict.cases++;
  if (c->threads > 1 && !same_but_for_threads(c, &proof->alone)) {
    proof->alone = *c;
    proof->alone.threads = 1;
    if (!all_steps(proof, &proof->alone, &proof->alone_bits)) return false;
  }
  if (!all_steps(proof, c, &bits)) return false;
  if (c->pinned) proof->verdict.bits = hash_add(proof->verdict.bits, &bits, sizeof bits);
  return c->threads == 1 || bits == proof->alone_bits || fail(proof, c, c->steps, "other bits than on one thread");
}

/* The op's reference; NULL: none of its implementations is one yet. */
static const struct reference *reference_of(const struct verifier *v, const gm_op *op) {
  for (int i = 0; i < v->references; i++)
    if (v->reference[i].op == op) return &v->reference[i];
  return NULL;
}

static bool same_bits_as_others(struct proof *proof) {
  struct verdict *verdict = &proof->verdict;
  const struct reference *reference = proof->impl->fused ? reference_of(proof->v, proof->impl->op) : NULL;
  if (!reference || reference->bits == verdict->bits) return true;
  snprintf(verdict->failure, sizeof verdict->failure, "other bits than %s, which is fused too", reference->by);
  return verdict->passed = false;
}

static void become_reference(struct verifier *v, const gm_impl *impl, uint64_t bits) {
  if (!impl->fused || v->references == MOST_OPS || reference_of(v, impl->op)) return;
  struct reference *reference = &v->reference[v->references++];
  *reference = (struct reference){.op = impl->op, .bits = bits};
  snprintf(reference->by, GM_NAME_SIZE, "%s", impl->name);
}

/* The first that passes becomes it. */
static void find_reference(struct verifier *v, const gm_op *op) {
  for (size_t i = 0; v->library && i < gm_impl_count(v->library) && !reference_of(v, op); i++) {
    const gm_impl *own = gm_impl_at(v->library, i);
    if (own->op == op && own->fused && own->runnable && !own->plugin) verifier_prove(v, own);
  }
}

struct verdict verifier_prove(struct verifier *v, const gm_impl *impl) {
  if (impl->plugin && impl->fused) find_reference(v, impl->op);
  const char *why_not = masked_why_not(impl);
  if (why_not) {
    struct verdict none = {.impossible = true};
    snprintf(none.failure, sizeof none.failure, "%s", why_not);
    return none;
  }
  struct proof *proof = calloc(1, sizeof *proof);
  if (!proof) return (struct verdict){.failure = "no memory for the proof"};
  *proof = (struct proof){.v = v, .impl = impl, .verdict = {.passed = true, .bits = HASH_BEGIN}};
  struct state_descriptors descriptors;
  state_remember(&descriptors);
  cases_visit(impl->op, prove_case, proof);
  struct verdict *so_far = &proof->verdict;
  if (so_far->passed) (void)(same_bits_anywhere(proof) && same_bits_as_others(proof));
  if (so_far->passed) so_far->passed = large_prove(&v->large, impl, v->seed, &so_far->cases, so_far->failure);
  const int changed = state_put_back(&descriptors);
  if (changed >= 0) {
    snprintf(proof->verdict.failure, sizeof proof->verdict.failure,
             "it closed or replaced the open descriptor %d, which is not its own", changed);
    proof->verdict.passed = false;
  }
  const struct verdict verdict = proof->verdict;
  if (verdict.passed) become_reference(v, impl, verdict.bits);
  free(proof);
  return verdict;
}
