#include "ops.h"

#include <string.h>

#define SIZE(name) #name,
#define OP(op, dtype, family, shape, sizes, ...) \
  static const char *const size_names_##op##_##dtype[GM_MAX_SIZES + 1] = {sizes};
#include "ops.def"

/* One function per row, so that the row's size names can be its own enumerators: of softmax_xent, rows is 0, cols 1. */
#define SIZE(name) name,
#define R(type, name, a, b) {#name, GM_TYPE_##type, GM_READ, {a, b}, GM_ANY},
#define P(type, name, a, b) {#name, GM_TYPE_##type, GM_READ, {a, b}, GM_PROBABILITY},
#define U(type, name, a, b) {#name, GM_TYPE_##type, GM_UPDATE, {a, b}, GM_ANY},
#define V(type, name, a, b) {#name, GM_TYPE_##type, GM_UPDATE, {a, b}, GM_NONNEGATIVE},
#define W(type, name, a, b) {#name, GM_TYPE_##type, GM_WRITE, {a, b}, GM_ANY},
#define RESULT(type, name) {#name, GM_TYPE_##type, GM_RESULT, {one, one}, GM_ANY},
#define H(name, usual, low, high, other) {#name, usual, low, high, other, false},
#define N(name, usual, low, high, other) {#name, usual, low, high, other, true},
#define ELEMENT(a, b, c) .element = {a, b, c}
#define MEAN(a, b) .mean_over = {a, b}
#define SECOND_PASS(of) .mean_over = {one, one}, .total = GM_##of, .second_pass = true
#define FAST true
#define EXACT false
#define ULP(exact, fast, result) .ulp = (exact), .ulp_fast = (fast), .ulp_result = (result)
#define OP(op, op_dtype, op_family, op_shape, op_sizes, op_streams, hypers, element_sizes, op_total, accuracy, op_ulp) \
  static gm_op describe_##op##_##op_dtype(void) {                                                                      \
    enum { op_sizes size_count, one = GM_MAX_SIZES };                                                                  \
    gm_op row = {.name = #op,                                                                                          \
                 .dtype = #op_dtype,                                                                                   \
                 .family = #op_family,                                                                                 \
                 .shape = GM_##op_shape,                                                                               \
                 .sizes = size_count,                                                                                  \
                 .stream = {op_streams},                                                                               \
                 .hyper = {hypers},                                                                                    \
                 element_sizes,                                                                                        \
                 op_total,                                                                                             \
                 .has_fast = accuracy,                                                                                 \
                 op_ulp};                                                                                              \
    memcpy(row.size_name, size_names_##op##_##op_dtype, sizeof row.size_name);                                         \
    return row;                                                                                                        \
  }
#include "ops.def"

static gm_op describe_list(const char *name, const gm_op *of) {
  gm_op row = *of;
  row.name = name;
  row.shape = GM_LIST;
  row.of = of;
  row.sizes = 1;
  memset(row.size_name, 0, sizeof row.size_name);
  row.size_name[0] = "tensors";
  return row;
}

static const gm_op *find(const gm_op *ops, const char *name, const char *dtype) {
  for (size_t i = 0; i < GM_PLAIN_OPS; i++)
    if (strcmp(ops[i].name, name) == 0 && strcmp(ops[i].dtype, dtype) == 0) return &ops[i];
  return NULL;
}

void gm_ops_describe(gm_op *ops) {
  gm_op *next = ops;
#define OP(op, dtype, ...) *next++ = describe_##op##_##dtype();
#include "ops.def"
  for (gm_op *op = ops; op < next; op++) {
    while (op->streams < GM_MAX_STREAMS && op->stream[op->streams].name) op->streams++;
    while (op->hypers < GM_MAX_HYPERS && op->hyper[op->hypers].name) op->hypers++;
  }
#define OP(...)
#define LIST(list, op, dtype) *next++ = describe_list(#list, find(ops, #op, #dtype));
#include "ops.def"
}
