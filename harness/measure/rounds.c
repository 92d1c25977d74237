#include "measure/rounds.h"

#include <math.h>
#include <string.h>

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
