#include "machine/operations.h"

#include <math.h>
#include <string.h>

#include "counted.h"
#include "if_built.h"
#include "machine/executed.h"

double gm_operations[OPERATION_KINDS];

#undef GM_BUILT_autovec
#define GM_BUILT_autovec 0 /* is not counted */

static const gm_counted *counted_for(const char *isa) {
  static const struct {
    const char *isa;
    const gm_counted *counted;
  } all[] = {
#define ISA(isa, ...) {#isa, GM_IF_BUILT(isa, &gm_counted_##isa)},
#include "isas.def"
  };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (strcmp(all[i].isa, isa) == 0) return all[i].counted;
  return NULL;
}

/* Runs one step on a call of this length, and adds its operations, times `times`. */
static bool add_step(const gm_op *op, const gm_body *body, size_t length, double times, struct operations *sum) {
  struct small_call call;
  if (!small_call_open(&call, op, length)) return false;
  memset(gm_operations, 0, sizeof gm_operations);
  const bool ran = small_call_run(&call, body);
  for (int kind = 0; kind < OPERATION_KINDS; kind++) sum->count[kind] += times * gm_operations[kind];
  small_call_close(&call);
  return ran;
}

bool operations_of(const gm_op *op, const char *isa, struct operations *operations) {
  const gm_counted *counted = counted_for(isa);
  const gm_body *body = counted ? counted->body_of(gm_plain(op)) : NULL;
  if (!body) return false;
  *operations = (struct operations){.width = counted->width};
  if (!add_step(op, body, 2, 1, operations) || !add_step(op, body, 1, -1, operations)) return false;
  for (int kind = 0; kind < OPERATION_KINDS; kind++) operations->count[kind] *= counted->width / small_call_growth(op);
  return true;
}

double operations_total(const struct operations *operations) {
  double total = 0;
  for (int kind = 0; kind < OPERATION_KINDS; kind++) total += operations->count[kind];
  return total;
}

double operations_flops(const gm_op *op) {
  struct operations scalar;
  if (!operations_of(op, "scalar", &scalar)) return NAN;
  const double *count = scalar.count;
  const double flops =
      2 * count[OPERATION_FMA] + count[OPERATION_ARITHMETIC] + count[OPERATION_DIVIDE] + count[OPERATION_SQRT];
  return gm_plain(op)->shape == GM_MATRIX ? round(flops) : flops;
}
