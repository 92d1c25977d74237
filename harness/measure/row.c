#include "measure/row.h"

#include <math.h>
#include <string.h>

#include "machine/core.h"
#include "machine/operations.h"
#include "measure/levels.h"

/* ---- a row ------------------------------------------------------------------------------------------------------ */

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

/* ---- what its visits say ---------------------------------------------------------------------------------------- */

static bool is_in(const struct visit *visit, const char *state) {
  return visit->count && (!state || strcmp(visit->state, state) == 0);
}

size_t rounds_medians(const struct rounds *rounds, enum rounds_of what, const double *samples, const char *state,
                      double *medians) {
  size_t found = 0;
  for (size_t v = 0; v < rounds->visits; v++) {
    const struct visit *visit = &rounds->visit[v];
    const size_t count = what == ROUNDS_OF_KERNEL ? visit->count : visit->limit_count;
    if (is_in(visit, state)) {
      memcpy(rounds->scratch, samples, count * sizeof *samples);
      medians[found++] = median(rounds->scratch, count);
    }
    samples += count;
  }
  return found;
}

static size_t visits_in(const struct rounds *rounds, const char *state) {
  size_t found = 0;
  for (size_t v = 0; v < rounds->visits; v++) found += is_in(&rounds->visit[v], state);
  return found;
}

/* Is this visit the first of its state? */
static bool is_first(const struct rounds *rounds, size_t v) {
  const char *state = rounds->visit[v].state;
  for (size_t i = 0; i < v; i++)
    if (is_in(&rounds->visit[i], state)) return false;
  return rounds->visit[v].count && state[0];
}

const char *rounds_usual_state(const struct rounds *rounds) {
  enum { LEAST = 3 };
  const char *usual = NULL;
  for (size_t v = 0; v < rounds->visits; v++) {
    const char *state = rounds->visit[v].state;
    if (is_first(rounds, v) && (!usual || visits_in(rounds, state) > visits_in(rounds, usual))) usual = state;
  }
  return usual && visits_in(rounds, usual) >= LEAST ? usual : NULL;
}

static double median_felt(const struct rounds *rounds, const char *state, bool line) {
  size_t found = 0;
  for (size_t v = 0; v < rounds->visits; v++) {
    const struct placement_probe *probe = &rounds->visit[v].felt;
    const double felt = line ? probe->line_ns : probe->effective_cores;
    if (is_in(&rounds->visit[v], state) && isfinite(felt)) rounds->scratch[found++] = felt;
  }
  return found ? median(rounds->scratch, found) : NAN;
}

struct in_state rounds_in(const struct rounds *rounds, const double *samples, const char *state, double *medians) {
  struct in_state in = {.state = state, .felt = {NAN, NAN}};
  in.time = undisturbed(medians, rounds_medians(rounds, ROUNDS_OF_KERNEL, samples, state, medians));
  for (size_t v = 0; v < rounds->visits; v++)
    if (is_in(&rounds->visit[v], state)) in.samples += rounds->visit[v].count;
  if (state) in.felt = (struct placement_probe){median_felt(rounds, state, false), median_felt(rounds, state, true)};
  return in;
}

size_t rounds_others(const struct rounds *rounds, const double *samples, const char *usual, size_t least,
                     double *medians, struct in_state other[ROW_MOST_OTHERS]) {
  size_t others = 0;
  for (size_t v = 0; v < rounds->visits && others < ROW_MOST_OTHERS; v++) {
    const char *state = rounds->visit[v].state;
    if (is_first(rounds, v) && strcmp(state, usual) != 0 && visits_in(rounds, state) >= least)
      other[others++] = rounds_in(rounds, samples, state, medians);
  }
  return others;
}
