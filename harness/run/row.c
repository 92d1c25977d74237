#include "run/row.h"

#include <math.h>

#include "machine/core.h"
#include "machine/operations.h"
#include "run/levels.h"

const char *row_status_name(enum row_status status) {
  static const char *const names[] = {"planned", "measured", "border", "failed", "skipped", "left out"};
  return names[status];
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
  if (!row->by_memory) return row->core_words;
  return row->level == LEVEL_L1 ? core_kind_words(CORE_LOAD) : level_names[row->level];
}

double row_gb_per_s(const struct row *row) { return row->bytes_per_element / row->time.value; }

double row_gflop_per_s(const struct row *row) {
  const double flops = operations_flops(row->impl->op);
  return flops > 0 ? flops / row->time.value : NAN;
}
