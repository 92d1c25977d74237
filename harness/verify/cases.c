#include "verify/cases.h"

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
