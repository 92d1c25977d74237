#include "oracle/oracle.h"

#include <math.h>
#include <string.h>

#define OP(op, dtype, ...) extern gm_oracle gm_oracle_##op##_##dtype;
#include "ops.def"

static const struct {
  const char *name, *dtype;
  gm_oracle *oracle;
} oracles[] = {
#define OP(op, dtype, ...) {#op, #dtype, gm_oracle_##op##_##dtype},
#include "ops.def"
};

gm_oracle *gm_oracle_of(const gm_op *op) {
  if (op->of) op = op->of;
  for (size_t i = 0; i < sizeof oracles / sizeof *oracles; i++)
    if (strcmp(oracles[i].name, op->name) == 0 && strcmp(oracles[i].dtype, op->dtype) == 0) return oracles[i].oracle;
  return NULL;
}

double gm_largest(double a, double b, double c) {
  a = fabs(a), b = fabs(b), c = fabs(c);
  if (isnan(a) || isnan(b) || isnan(c)) return NAN;
  return fmax(a, fmax(b, c));
}
