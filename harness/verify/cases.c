#include "verify/cases.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "verify/verify.h"

size_t cases_tensor_length(size_t index) {
  static const size_t lengths[] = {1, 0, 17, 300, 16, 5000, 33, 0, 64, 1000, 7, 4097, 31, 2};
  return lengths[index % (sizeof lengths / sizeof *lengths)];
}

int cases_choices(const gm_hyper *hyper) {
  enum { MOST = 16 };
  const double values = hyper->high - hyper->low + 1;
  return hyper->whole && values > 2 && values <= (double)MOST ? (int)values : 0;
}

void cases_sizes(char text[CASES_SIZES], const gm_op *op, const size_t *size) {
  text[0] = '\0';
  for (int i = 0, at = 0; i < op->sizes; i++)
    at += snprintf(text + at, CASES_SIZES - (size_t)at, "%s%s %zu", i ? ", " : "", op->size_name[i], size[i]);
}

struct plan {
  int choices;
  visit_case *visit;
  void *context;
  bool go_on;
};

static void add(struct plan *plan, struct proof_case c) {
  if (!c.steps) c.steps = 1;
  if (!c.threads) c.threads = 1;
  if (plan->go_on) plan->go_on = plan->visit(plan->context, &c);
}

/* Every kind of data and of hyperparameters, at one shape. */
static void add_kinds(struct plan *plan, struct proof_case c) {
  for (int fill = 0; fill < FILL_COUNT; fill++)
    for (int other = 0; other < 2; other++) {
      c.fill = (enum fill)fill, c.other_hypers = other;
      c.steps = fill == FILL_SPECIAL ? 1 : 3;
      c.pinned = true;
      add(plan, c);
    }
  for (c.choice = 1; c.choice <= plan->choices; c.choice++)
    for (int fill = 0; fill < FILL_COUNT; fill++) {
      c.fill = (enum fill)fill, c.other_hypers = false, c.steps = 1;
      if (c.fill != FILL_INTEGERS) add(plan, c); /* of which not every choice makes integers */
    }
}

static void add_threads(struct plan *plan, struct proof_case c) {
  static const enum fill fills[] = {FILL_MODERATE, FILL_SPECIAL};
  static const int threads[] = {2, 3, VERIFY_MOST_THREADS};
  for (int i = 0; i < 2; i++) { /* one kind of data after the other: what one thread makes of it is proved once */
    c.fill = fills[i];
    if (c.fill == FILL_SPECIAL) c.steps = 1;
    for (int k = 0; k < 3; k++) {
      c.threads = threads[k];
      add(plan, c);
    }
  }
}

/* `shortest` is 0, or 1 for an op that takes a mean. */
static void lines(struct plan *plan, size_t shortest, bool reduces) {
  for (size_t n = shortest; n <= 4 * CASES_WIDEST + 3; n++)
    for (int edge = 0; edge < 2; edge++)
      add(plan, (struct proof_case){.size = {n}, .edge = (enum edge)edge, .fill = FILL_SCALES});
  for (size_t offset = 0; offset < CASES_WIDEST; offset++)
    for (int edge = 0; edge < 2; edge++)
      add(plan, (struct proof_case){.size = {3 * CASES_WIDEST + 5}, .offset = offset, .edge = (enum edge)edge});
  add_kinds(plan, (struct proof_case){.size = {1003}});
  static const size_t large[] = {4095, 4096, 4097, 12293, 131075};
  for (int i = 0; i < 5; i++) {
    add(plan, (struct proof_case){.size = {large[i]}, .fill = FILL_SCALES, .pinned = true});
    if (reduces) add(plan, (struct proof_case){.size = {large[i]}, .fill = FILL_INTEGERS}); /* sums are exact */
  }
  add_threads(plan, (struct proof_case){.size = {40963}, .steps = 2});
  add_threads(plan, (struct proof_case){.size = {37}});
}

static void rows(struct plan *plan) {
  for (size_t cols = 1; cols <= 4 * CASES_WIDEST + 3; cols++)
    for (int edge = 0; edge < 2; edge++) add(plan, (struct proof_case){.size = {3, cols}, .edge = (enum edge)edge});
  for (size_t offset = 0; offset < CASES_WIDEST; offset++)
    add(plan, (struct proof_case){.size = {2, 3 * CASES_WIDEST + 5}, .offset = offset, .edge = EDGE_BEGIN});
  add_kinds(plan, (struct proof_case){.size = {17, 203}});
  static const size_t shapes[][2] = {{1, 1}, {64, 10}, {40, 1000}, {3, 2000}, {2000, 3}, {1, 127}, {1, 129}};
  for (int i = 0; i < 7; i++)
    add(plan, (struct proof_case){.size = {shapes[i][0], shapes[i][1]}, .fill = FILL_MODERATE, .pinned = true});
  add_threads(plan, (struct proof_case){.size = {1500, 20}});
  add_threads(plan, (struct proof_case){.size = {2, 301}});
}

/* Two sizes take the first two of three. */
static void matrices(struct plan *plan, int sizes) {
  static const size_t small[] = {1, 2, 3, 5, 8, 13, 16, 17, 33};
  enum { SMALL = sizeof small / sizeof *small };
  for (int i = 0; i < SMALL; i++)
    for (int j = 0; j < SMALL; j++)
      for (int k = 0; k < (sizes == 3 ? SMALL : 1); k++)
        add(plan, (struct proof_case){.size = {small[i], small[j], small[k]},
                                      .edge = (i + j + k) % 2 ? EDGE_BEGIN : EDGE_END,
                                      .fill = FILL_INTEGERS,
                                      .other_hypers = (i + j / 2 + k) % 2});
  for (size_t offset = 0; offset < CASES_WIDEST; offset++)
    add(plan, (struct proof_case){.size = {7, 53, 19}, .offset = offset, .edge = EDGE_BEGIN});
  add_kinds(plan, (struct proof_case){.size = {37, 67, 29}});
  static const size_t shapes[][3] = {{64, 784, 512}, {64, 512, 10}, {257, 129, 100}, {1, 500, 300}, {300, 1, 1}};
  for (int i = 0; i < 5; i++)
    for (int other = 0; other < 2; other++)
      add(plan, (struct proof_case){
                    .size = {shapes[i][0], shapes[i][1], shapes[i][2]}, .other_hypers = other, .pinned = true});
  add(plan, (struct proof_case){.size = {130, 260, 270}, .fill = FILL_INTEGERS});
  add_threads(plan, (struct proof_case){.size = {67, 70, 90}});
  add_threads(plan, (struct proof_case){.size = {3, 7, 5}});
}

/* More than 1,024 parts are added up several at a time. */
static void lists(struct plan *plan, bool reduces) {
  enum { TENSORS = 40 };
  for (size_t tensors = 0; tensors <= TENSORS; tensors += 8)
    add(plan, (struct proof_case){.size = {tensors}, .edge = tensors % 16 ? EDGE_BEGIN : EDGE_END});
  add_kinds(plan, (struct proof_case){.size = {9}});
  add_threads(plan, (struct proof_case){.size = {TENSORS}, .steps = 2});
  if (reduces) add(plan, (struct proof_case){.size = {CASES_MAX_TENSORS}, .threads = 3});
}

void cases_visit(const gm_op *op, visit_case *visit, void *context) {
  struct plan plan = {.visit = visit, .context = context, .go_on = true};
  for (int h = 0; h < op->hypers; h++)
    if (cases_choices(&op->hyper[h]) > plan.choices) plan.choices = cases_choices(&op->hyper[h]);
  switch (op->shape) {
    case GM_ELEMENTWISE:
    case GM_REDUCTION: lines(&plan, op->mean_over[0] < GM_MAX_SIZES, op->shape == GM_REDUCTION); break;
    case GM_ROWWISE: rows(&plan); break;
    case GM_MATRIX: matrices(&plan, op->sizes); break;
    case GM_LIST: lists(&plan, op->of->shape == GM_REDUCTION); break;
  }
}

/* ---- data ------------------------------------------------------------------------------------------------------- */

/* 2^low <= |x| < 2^high, all binary orders of magnitude alike. */
static float scaled(struct random *random, int low, int high) {
  const uint64_t bits = random_bits(random);
  const uint32_t sign = (uint32_t)(bits >> 63), fraction = (uint32_t)bits & 0x7fffffU;
  const uint32_t exponent = (uint32_t)(127 + low) + (uint32_t)(bits >> 32 & 0xffffU) % (uint32_t)(high - low);
  const uint32_t pattern = sign << 31 | exponent << 23 | fraction;
  float x;
  memcpy(&x, &pattern, sizeof x);
  return x;
}

static float extreme(struct random *random) {
  static const float values[] = {0.0f,   -0.0f,   FLT_TRUE_MIN, -1e-40f, FLT_MIN, -FLT_MIN,
                                 1e-30f, -1e-20f, 1e20f,        -1e30f,  3e38f,   -3e38f};
  return values[random_bits(random) % (sizeof values / sizeof *values)];
}

static float special(struct random *random) {
  static const float values[] = {NAN,           INFINITY, -INFINITY, 0.0f,    -0.0f,    FLT_TRUE_MIN,
                                 -FLT_TRUE_MIN, 1e-40f,   -3e-39f,   FLT_MIN, -FLT_MIN, 3e38f,
                                 -3e38f,        1e20f,    -1e-20f,   1.0f,    -1.0f};
  return values[random_bits(random) % (sizeof values / sizeof *values)];
}

/* Both ends and what lies next to them are as frequent as all between; a NaN stays one. */
static float as_probability(struct random *random, float x) {
  static const float ends[] = {0.0f, 1.0f, FLT_TRUE_MIN, 1e-30f, 1.0f - FLT_EPSILON / 2};
  if (isnan(x)) return x;
  const uint64_t bits = random_bits(random);
  if (bits % 8 == 0) return ends[bits / 8 % (sizeof ends / sizeof *ends)];
  if (bits % 8 == 1) return 1.0f - fminf(fabsf(x), 16.0f) / 32;
  return fminf(fabsf(x), 16.0f) / 16;
}

/* Any code, and 0, which in a mask is all that matters, in one of four. */
static int8_t one_byte(struct random *random, enum fill fill, const gm_stream *stream) {
  const uint64_t bits = random_bits(random);
  const bool zero = bits % 4 == 0 || (fill == FILL_ZERO_GRADS && stream->role == GM_READ);
  return zero ? 0 : (int8_t)(bits >> 8);
}

static float one_value(struct random *random, enum fill fill, const gm_stream *stream) {
  float x = 0;
  switch (fill) {
    case FILL_MODERATE: x = scaled(random, -12, 4); break;
    case FILL_SCALES: x = scaled(random, -40, 40); break;
    case FILL_INTEGERS: x = (float)((int)(random_bits(random) % 17) - 8); break;
    case FILL_SPECIAL: x = random_bits(random) % 4 ? scaled(random, -12, 4) : special(random); break;
    case FILL_EXTREMES: x = random_bits(random) % 2 ? scaled(random, -12, 4) : extreme(random); break;
    case FILL_ZERO_GRADS: x = stream->role == GM_READ ? 0.0f : scaled(random, -12, 4); break;
    case FILL_COUNT: break;
  }
  if (stream->domain == GM_NONNEGATIVE) return fabsf(x);
  if (stream->domain == GM_PROBABILITY) return as_probability(random, x);
  return x;
}

void fill_stream(struct random *random, enum fill fill, const gm_op *op, int k, void *data, size_t count,
                 size_t classes) {
  const gm_stream *stream = &op->stream[k];
  for (size_t i = 0; i < count; i++) {
    if (stream->type == GM_TYPE_i32)
      ((int32_t *)data)[i] = (int32_t)(random_bits(random) % classes);
    else if (stream->type == GM_TYPE_i8)
      ((int8_t *)data)[i] = one_byte(random, fill, stream);
    else
      ((float *)data)[i] = one_value(random, fill, stream);
  }
}
