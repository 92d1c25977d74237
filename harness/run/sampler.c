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

/* Seconds of one step: the fastest of three goes, each of enough steps to last `seconds` / 4. */
static double time_one(struct sampler *s, enum sampled which, double seconds) {
  enum { GOES = 3 };
  long steps = 1;
  double total;
  while ((total = time_steps(s, which, steps)) < seconds / 4 && steps < 1L << 24) steps *= 4;
  double fastest = total;
  for (int go = 1; go < GOES && total < 0.01; go++) fastest = fmin(fastest, time_steps(s, which, steps));
  return fastest / (double)steps;
}

static long steps_for(double seconds, double each) {
  const double wanted = seconds / (each > 1e-9 ? each : 1e-9);
  return wanted < 1 ? 1 : (long)lround(wanted);
}

static int sampled(const struct sampler *s) { return s->settings->limits ? SAMPLED : SAMPLED_KERNEL + 1; }

bool sampler_open(struct sampler *s, const struct sampler_settings *settings, struct cell *cell, const gm_impl *impl,
                  double warm_up) {
  *s = (struct sampler){.settings = settings, .cell = cell, .impl = impl};
  if (gm_call_unchecked(impl, cell->threads, &cell->frame) != GM_OK) return false;
  if (settings->limits) {
    limits_open(&s->limits, settings->library, impl, &cell->frame, cell->threads);
    ceilings_add(settings->ceilings, s->limits.isa, cell->threads, &s->limits.core);
  }
  const double start = clock_seconds(), sample = settings->sample_seconds;
  double each[SAMPLED];
  do
    for (int which = 0; which < sampled(s); which++) each[which] = time_one(s, (enum sampled)which, sample);
  while (clock_seconds() - start < warm_up);
  for (int which = 0; which < sampled(s); which++) {
    /* A shortened twin's call is a share of a step. */
    const double share = which == SAMPLED_CORE_TWIN ? s->limits.core_twin.share : 1;
    s->steps[which] = steps_for(sample, each[which] * share);
    s->turn_seconds += each[which] * share * (double)s->steps[which] * (which == 0 ? 1 + settings->delay : 1);
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

/* After very many steps the numbers are put back; and where a sample has many, the first after a change is not timed.
 */
static void prepare(struct sampler *s, bool first) {
  enum { STEPS_BEFORE_RESTORE = 20000, MANY_STEPS = 8 };
  struct cell *cell = s->cell;
  const long steps = s->steps[SAMPLED_KERNEL];
  const bool restore = cell->steps && cell->steps + steps > STEPS_BEFORE_RESTORE;
  if (restore) cell_restore(cell);
  if ((restore || first) && steps >= MANY_STEPS) gm_call_unchecked(s->impl, cell->threads, &cell->frame);
  cell->steps += steps + 1;
}

bool sampler_take(struct sampler *s, size_t count) {
  const double to_ns = 1e9 / s->cell->elements;
  for (size_t i = 0; i < count && !interrupt_came(); i++) {
    if (!grow(s)) return false;
    prepare(s, i == 0);
    const double seconds = time_kernel(s, s->steps[SAMPLED_KERNEL], s->settings->delay);
    s->taken[SAMPLED_KERNEL][s->count] = seconds / (double)s->steps[SAMPLED_KERNEL] * to_ns;
    for (int which = SAMPLED_TWIN; which < sampled(s); which++)
      s->taken[which][s->count] = time_steps(s, (enum sampled)which, s->steps[which]) / (double)s->steps[which] * to_ns;
    s->count++;
    s->seconds += seconds;
  }
  return true;
}

/* The twins' samples are put in order. */
static void set_limits(struct sampler *s, struct row *row) {
  double *twin = s->taken[SAMPLED_TWIN], *core_twin = s->taken[SAMPLED_CORE_TWIN];
  row->by_memory = lower_quartile(twin, s->count) >= lower_quartile(core_twin, s->count);
  row->attainable = attained_percent(row->by_memory ? twin : core_twin, s->taken[SAMPLED_KERNEL], s->count);
  row->twin = summarize(twin, s->count);
  row->core_twin = summarize(core_twin, s->count);
  row->core_words = limits_core_words(&s->limits, s->impl->op);
  row->twin_stores = s->limits.twin.words;
  row->core_twin_build = s->limits.core_twin.words;
}

void sampler_finish(struct sampler *s, struct row *row) {
  const struct cell *cell = s->cell;
  row->elements = cell->elements;
  row->working_set = cell->working_set;
  row->bytes_per_element = cell->bytes / cell->elements;
  row->huge_bytes = arena_huge_bytes(&cell->arena);
  row->count = s->count;
  row->seconds = s->seconds;
  row->waited = s->waited;
  if (s->settings->limits) set_limits(s, row);
  free(row->samples);
  row->samples = s->taken[SAMPLED_KERNEL];
  s->taken[SAMPLED_KERNEL] = NULL;
  double *sorted = malloc(s->count * sizeof *sorted);
  if (sorted) memcpy(sorted, row->samples, s->count * sizeof *sorted), row->time = summarize(sorted, s->count);
  row->status = sorted ? (row->border ? ROW_BORDER : ROW_MEASURED) : ROW_SKIPPED;
  free(sorted);
}

void sampler_close(struct sampler *s) {
  for (int which = 0; which < SAMPLED; which++) free(s->taken[which]);
  *s = (struct sampler){0};
}
