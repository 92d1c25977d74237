#include "run/sampler.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "machine/clock.h"
#include "run/interrupt.h"

/* Spins for `share` of what the steps took on top. */
static double time_kernel(struct sampler *s, long steps, double share) {
  const double start = clock_seconds();
  for (long i = 0; i < steps; i++) gm_call_unchecked(s->impl, s->cell->threads, &s->cell->frame);
  const double done = clock_seconds(), end = done + (done - start) * share;
  double now = done;
  while (now < end) now = clock_seconds();
  s->waited += now - done;
  return now - start;
}

/* Seconds of `steps` steps of what is sampled, for as much as the kernel does in as many. */
static double time_steps(struct sampler *s, enum sampled which, long steps) {
  switch (which) {
    case SAMPLED_TWIN: return limit_time(&s->limits.twin, s->cell->threads, steps);
    case SAMPLED_CORE_TWIN: return limit_time(&s->limits.core_twin, s->cell->threads, steps);
    default: s->cell->steps += steps; return time_kernel(s, steps, 0);
  }
}

/* Seconds of one step of the kernel: the fastest of three goes, each of enough steps to last `seconds` / 4. */
static double time_one(struct sampler *s, double seconds) {
  enum { GOES = 3 };
  const double long_enough = 0.002;
  long steps = 1;
  double total;
  while ((total = time_steps(s, SAMPLED_KERNEL, steps)) < seconds / 4 && steps < 1L << 24) steps *= 4;
  double fastest = total;
  for (int go = 1; go < GOES && total < long_enough; go++) fastest = fmin(fastest, time_steps(s, SAMPLED_KERNEL, steps));
  return fastest / (double)steps;
}

static long steps_for(double seconds, double each) {
  const double wanted = seconds / (each > 1e-9 ? each : 1e-9);
  return wanted < 1 ? 1 : (long)lround(wanted);
}

static int sampled(const struct sampler *s) { return s->settings->limits ? SAMPLED : SAMPLED_KERNEL + 1; }

bool sampler_open(struct sampler *s, const struct sampler_settings *settings, struct cell *cell, const gm_impl *impl) {
  *s = (struct sampler){.settings = settings, .cell = cell, .impl = impl};
  if (gm_call_unchecked(impl, cell->threads, &cell->frame) != GM_OK) return false;
  double each[SAMPLED]; /* seconds of a call; a shortened twin's is a share of a step */
  each[SAMPLED_KERNEL] = s->call_seconds = time_one(s, settings->sample_seconds);
  if (settings->limits) {
    limits_open(&s->limits, settings->library, impl, &cell->frame, cell->threads);
    ceilings_add(settings->ceilings, s->limits.isa, cell->threads, &s->limits.core);
    each[SAMPLED_TWIN] = s->limits.twin.seconds;
    each[SAMPLED_CORE_TWIN] = s->limits.core_twin.seconds;
  }
  for (int which = 0; which < sampled(s); which++) {
    s->steps[which] = steps_for(settings->sample_seconds, each[which]);
    s->turn_seconds += each[which] * (double)s->steps[which] * (which == 0 ? 1 + settings->delay : 1);
  }
  return true;
}

static bool grow(struct sampler *s) {
  if (s->count < s->capacity) return true;
  const size_t capacity = s->capacity ? 2 * s->capacity : 32;
  for (int which = 0; which < sampled(s); which++) {
    double *more = realloc(s->taken[which], capacity * sizeof *more);
    if (!more) return false;
    s->taken[which] = more;
  }
  s->capacity = capacity;
  return true;
}

static bool grow_visits(struct sampler *s) {
  if (s->visits < s->visit_capacity) return true;
  const size_t capacity = s->visit_capacity ? 2 * s->visit_capacity : 16;
  struct visit *more = realloc(s->visit, capacity * sizeof *more);
  if (!more) return false;
  s->visit = more;
  s->visit_capacity = capacity;
  return true;
}

/* After very many steps the numbers are put back, but for shared ones, on which no op takes as many. */
static void prepare(struct sampler *s) {
  enum { STEPS_BEFORE_RESTORE = 20000 };
  const long steps = s->steps[SAMPLED_KERNEL];
  if (s->cell->steps && s->cell->steps + steps > STEPS_BEFORE_RESTORE) {
    cell_restore(s->cell);
    gm_call_unchecked(s->impl, s->cell->threads, &s->cell->frame);
  }
  s->cell->steps += steps;
}

bool sampler_begin(struct sampler *s) {
  const double stays_nowhere = 0.002; /* a call so long is of memory that no cache holds */
  if (!grow_visits(s)) return false;
  s->visit[s->visits++] = (struct visit){.count = 0};
  if (s->call_seconds < stays_nowhere) gm_call_unchecked(s->impl, s->cell->threads, &s->cell->frame);
  return true;
}

bool sampler_take(struct sampler *s) {
  const double to_ns = 1e9 / s->cell->elements;
  if (!grow(s)) return false;
  prepare(s);
  const double seconds = time_kernel(s, s->steps[SAMPLED_KERNEL], s->settings->delay);
  s->taken[SAMPLED_KERNEL][s->count] = seconds / (double)s->steps[SAMPLED_KERNEL] * to_ns;
  for (int which = SAMPLED_TWIN; which < sampled(s); which++)
    s->taken[which][s->count] = time_steps(s, (enum sampled)which, s->steps[which]) / (double)s->steps[which] * to_ns;
  s->count++;
  s->visit[s->visits - 1].count++;
  s->seconds += seconds;
  return true;
}

/* ---- figures ---------------------------------------------------------------------------------------------------- */

/* Of the visits in a state (NULL: of all), the medians of what was sampled; returns how many they are. */
static size_t medians_in(const struct sampler *s, enum sampled which, const char *state, double *medians,
                         double *scratch) {
  size_t at = 0, found = 0;
  for (size_t v = 0; v < s->visits; at += s->visit[v++].count) {
    const struct visit *visit = &s->visit[v];
    if (!visit->count || (state && strcmp(visit->state, state) != 0)) continue;
    memcpy(scratch, &s->taken[which][at], visit->count * sizeof *scratch);
    medians[found++] = median(scratch, visit->count);
  }
  return found;
}

static double median_felt(const struct sampler *s, const char *state, bool line, double *scratch) {
  size_t found = 0;
  for (size_t v = 0; v < s->visits; v++) {
    const double felt = line ? s->visit[v].felt.line_ns : s->visit[v].felt.effective_cores;
    if (s->visit[v].count && strcmp(s->visit[v].state, state) == 0 && isfinite(felt)) scratch[found++] = felt;
  }
  return found ? median(scratch, found) : NAN;
}

static size_t visits_in(const struct sampler *s, const char *state) {
  size_t found = 0;
  for (size_t v = 0; v < s->visits; v++) found += s->visit[v].count && strcmp(s->visit[v].state, state) == 0;
  return found;
}

static struct in_state figures_in(const struct sampler *s, const char *state, double *medians, double *scratch) {
  struct in_state in = {.state = state, .felt = {NAN, NAN}};
  const size_t found = medians_in(s, SAMPLED_KERNEL, state, medians, scratch);
  in.time = undisturbed(medians, found);
  for (size_t v = 0; v < s->visits; v++)
    if (!state || strcmp(s->visit[v].state, state) == 0) in.samples += s->visit[v].count;
  if (state)
    in.felt = (struct placement_probe){median_felt(s, state, false, scratch), median_felt(s, state, true, scratch)};
  return in;
}

/* Is this visit the first of its state? */
static bool is_first(const struct sampler *s, size_t v) {
  for (size_t i = 0; i < v; i++)
    if (s->visit[i].count && strcmp(s->visit[i].state, s->visit[v].state) == 0) return false;
  return s->visit[v].count > 0 && s->visit[v].state[0];
}

/* The state that was seen most often, or NULL where there is none; of two as frequent, the first. */
static const char *usual_state(const struct sampler *s) {
  const char *usual = NULL;
  for (size_t v = 0; v < s->visits; v++)
    if (is_first(s, v) && (!usual || visits_in(s, s->visit[v].state) > visits_in(s, usual))) usual = s->visit[v].state;
  return usual;
}

static void set_states(const struct sampler *s, struct row *row, double *medians, double *scratch) {
  const char *usual = usual_state(s);
  row->in = figures_in(s, usual, medians, scratch);
  row->time = row->in.time;
  for (size_t v = 0; v < s->visits && row->others < ROW_MOST_OTHERS; v++) {
    const char *state = s->visit[v].state;
    if (is_first(s, v) && strcmp(state, usual) != 0 && visits_in(s, state) >= s->settings->least_visits)
      row->other[row->others++] = figures_in(s, state, medians, scratch);
  }
}

static void set_limits(struct sampler *s, struct row *row, double *of_kernel, double *of_limit, double *scratch) {
  medians_in(s, SAMPLED_CORE_TWIN, row->in.state, of_limit, scratch);
  const size_t rounds = medians_in(s, SAMPLED_KERNEL, row->in.state, of_kernel, scratch);
  row->core_twin = lower_quartile(of_limit, rounds);
  medians_in(s, SAMPLED_TWIN, row->in.state, of_limit, scratch);
  row->twin = lower_quartile(of_limit, rounds);
  row->by_memory = row->twin >= row->core_twin;
  if (!row->by_memory) medians_in(s, SAMPLED_CORE_TWIN, row->in.state, of_limit, scratch);
  row->attainable = attained_percent(of_limit, of_kernel, rounds);
  row->core_words = limits_core_words(&s->limits, s->impl->op);
  row->twin_stores = s->limits.twin.words;
  row->core_twin_build = s->limits.core_twin.words;
}

bool sampler_finish(struct sampler *s, struct row *row) {
  const struct cell *cell = s->cell;
  double *medians = malloc(s->visits * sizeof *medians), *of_limit = malloc(s->visits * sizeof *of_limit);
  double *scratch = malloc((s->count + s->visits) * sizeof *scratch);
  const bool done = medians && of_limit && scratch;
  if (done) {
    row->elements = cell->elements;
    row->working_set = cell->working_set;
    row->bytes_per_element = cell->bytes / cell->elements;
    row->huge_bytes = layout_huge_bytes(&cell->layout);
    row->seconds = s->seconds;
    row->waited = s->waited;
    set_states(s, row, medians, scratch);
    if (s->settings->limits) set_limits(s, row, medians, of_limit, scratch);
    memcpy(scratch, s->taken[SAMPLED_KERNEL], s->count * sizeof *scratch);
    row->typical = median(scratch, s->count);
    row->samples = s->taken[SAMPLED_KERNEL];
    row->count = s->count;
    row->visits = s->visit;
    row->visit_count = s->visits;
    s->taken[SAMPLED_KERNEL] = NULL;
    s->visit = NULL;
    row->status = row->border ? ROW_BORDER : ROW_MEASURED;
  }
  free(medians);
  free(of_limit);
  free(scratch);
  return done;
}

void sampler_close(struct sampler *s) {
  for (int which = 0; which < SAMPLED; which++) free(s->taken[which]);
  free(s->visit);
  *s = (struct sampler){0};
}
