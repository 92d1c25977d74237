#include "measure/row.h"

#include <math.h>
#include <string.h>

#include "machine/core.h"
#include "machine/operations.h"
#include "measure/levels.h"

const char *row_status_name(enum row_status status) {
  static const char *const names[] = {"planned", "measured", "border", "failed", "skipped", "left out"};
  return names[status];
}

size_t row_group_length(const struct row *rows, size_t count) {
  size_t length = 1;
  while (length < count && rows[length].group == rows[0].group) length++;
  return length;
}

bool row_has_time(const struct row *row) { return row->status == ROW_MEASURED || row->status == ROW_BORDER; }

bool row_has_limit(const struct row *row) { return row_has_time(row) && isfinite(row->twin); }

double row_limit(const struct row *row) { return row->by_memory ? row->twin : row->core_twin; }

bool row_is_too_good(const struct row *row) {
  const double too_good = 103;
  return row_has_limit(row) && row->attainable.low > too_good;
}

bool row_is_believable(const struct row *row) {
  const double absurd = 150;
  return !row_has_limit(row) || row->attainable.value <= absurd;
}

const char *row_bound_by(const struct row *row) {
  if (!row_has_limit(row)) return NULL;
  if (!row->by_memory) return row->core_description;
  return row->level == LEVEL_L1 ? core_kind_description(CORE_LOAD) : level_names[row->level];
}

double row_gb_per_s(const struct row *row) { return row->bytes_per_element / row->time.value; }

double row_gflop_per_s(const struct row *row) {
  const double flops = operations_flops(row->impl->op);
  return flops > 0 ? flops / row->time.value : NAN;
}

/* What a row takes in a state; NULL where that is not known. */
static const struct figure *time_in(const struct row *row, const char *state) {
  if (row->usual.state == state || (row->usual.state && state && strcmp(row->usual.state, state) == 0))
    return &row->time;
  for (size_t i = 0; state && i < row->others; i++)
    if (strcmp(row->other[i].state, state) == 0) return &row->other[i].time;
  return NULL;
}

bool row_alike(const struct row *a, const struct row *b, const struct figure **of_a, const struct figure **of_b) {
  *of_a = &a->time;
  *of_b = a->threads == b->threads ? time_in(b, a->usual.state) : &b->time;
  for (size_t i = 0; !*of_b && i < a->others; i++)
    if ((*of_b = time_in(b, a->other[i].state))) *of_a = &a->other[i].time;
  return *of_b;
}

double row_ratio(const struct row *a, const struct row *b) {
  const struct figure *x, *y;
  return row_alike(a, b, &x, &y) ? x->value / y->value : NAN;
}
