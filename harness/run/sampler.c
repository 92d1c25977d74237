#include "run/sampler.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "machine/clock.h"
#include "machine/limits_isa.h"
#include "run/interrupt.h"

static double time_steps(const gm_impl *impl, int threads, const gm_frame *frame, long steps) {
  const double start = clock_seconds();
  for (long i = 0; i < steps; i++) gm_call_unchecked(impl, threads, frame);
  return clock_seconds() - start;
}

/* The same, and then spins until it has lasted 1 + delay times what the steps took. */
static double time_steps_delayed(const gm_impl *impl, int threads, const gm_frame *frame, long steps, double delay,
                                 double *waited) {
  const double start = clock_seconds();
  for (long i = 0; i < steps; i++) gm_call_unchecked(impl, threads, frame);
  const double done = clock_seconds(), end = done + (done - start) * delay;
  double now = done;
  while (now < end) now = clock_seconds();
  *waited += now - done;
  return now - start;
}

/* Seconds of one step: the fastest of three goes, each of enough steps to last `seconds` / 4. */
static double time_one(const gm_impl *impl, int threads, const gm_frame *frame, double seconds, long *taken) {
  enum { GOES = 3 };
  long steps = 1;
  double total;
  while ((total = time_steps(impl, threads, frame, steps)) < seconds / 4 && steps < 1L << 24) steps *= 4;
  double fastest = total;
  *taken += 2 * steps;
  for (int go = 1; go < GOES && total < 0.01; go++) {
    const double again = time_steps(impl, threads, frame, steps);
    if (again < fastest) fastest = again;
    *taken += steps;
  }
  return fastest / (double)steps;
}

static long steps_for(double seconds, double each) {
  const double wanted = seconds / (each > 1e-9 ? each : 1e-9);
  return wanted < 1 ? 1 : (long)lround(wanted);
}

bool sampler_open(struct sampler *s, const struct sampler_settings *settings, struct cell *cell, const gm_impl *impl,
                  double warm_up) {
  *s = (struct sampler){.settings = settings, .cell = cell, .impl = impl};
  s->isa = limits_isa_of(settings->library, impl);
  if (settings->limits && !twin_open(&s->twin, cell->op, &cell->frame, cell->threads, twin_body(s->isa))) return false;
  if (gm_call_unchecked(impl, cell->threads, &cell->frame) != GM_OK) {
    sampler_close(s);
    return false;
  }
  const double start = clock_seconds(), sample = settings->sample_seconds;
  double kernel, twin = 0;
  long of_twin = 0; /* which leave the numbers as they are */
  do {
    kernel = time_one(impl, cell->threads, &cell->frame, sample, &cell->steps);
    if (settings->limits) twin = time_one(&s->twin.impl, cell->threads, &s->twin.frame, sample, &of_twin);
  } while (clock_seconds() - start < warm_up);
  s->kernel_steps = steps_for(sample, kernel);
  s->twin_steps = settings->limits ? steps_for(sample, twin) : 0;
  s->pair_seconds = (1 + settings->delay) * kernel * (double)s->kernel_steps + twin * (double)s->twin_steps;
  if (settings->limits) s->core_before = core_measure(core_loops_of(s->isa));
  return true;
}

static bool grow(struct sampler *s) {
  if (s->count < s->capacity) return true;
  const size_t capacity = s->capacity ? 2 * s->capacity : 32;
  double *kernel = realloc(s->kernel, capacity * sizeof *kernel);
  if (kernel) s->kernel = kernel;
  double *twin = realloc(s->twin_times, capacity * sizeof *twin);
  if (twin) s->twin_times = twin;
  if (!kernel || !twin) return false;
  s->capacity = capacity;
  return true;
}

/* After very many steps the numbers are put back; and where a sample has many, the first after a change is not timed.
 */
static void prepare(struct sampler *s, bool first) {
  enum { STEPS_BEFORE_RESTORE = 20000, MANY_STEPS = 8 };
  struct cell *cell = s->cell;
  const bool restore = cell->steps && cell->steps + s->kernel_steps > STEPS_BEFORE_RESTORE;
  if (restore) cell_restore(cell);
  if (restore || (first && s->kernel_steps >= MANY_STEPS)) time_steps(s->impl, cell->threads, &cell->frame, 1);
  cell->steps += s->kernel_steps;
}

bool sampler_take(struct sampler *s, size_t count) {
  struct cell *cell = s->cell;
  const double to_ns = 1e9 / cell->elements;
  for (size_t i = 0; i < count && !interrupt_came(); i++) {
    if (!grow(s)) return false;
    prepare(s, i == 0);
    const double seconds = s->settings->delay > 0 ? time_steps_delayed(s->impl, cell->threads, &cell->frame,
                                                                       s->kernel_steps, s->settings->delay, &s->waited)
                                                  : time_steps(s->impl, cell->threads, &cell->frame, s->kernel_steps);
    s->kernel[s->count] = seconds / (double)s->kernel_steps * to_ns;
    if (s->settings->limits)
      s->twin_times[s->count] =
          time_steps(&s->twin.impl, cell->threads, &s->twin.frame, s->twin_steps) / (double)s->twin_steps * to_ns;
    s->count++;
    s->seconds += seconds;
  }
  return true;
}

void sampler_again(struct sampler *s) {
  s->count = 0;
  s->seconds = s->waited = 0;
}

/* The core's limit from the mean of a measurement before and one after. */
static void set_core(struct sampler *s, struct row *row) {
  struct core_times times = core_measure(core_loops_of(s->isa));
  ceilings_add(s->settings->ceilings, s->isa, s->cell->threads, &s->core_before);
  ceilings_add(s->settings->ceilings, s->isa, s->cell->threads, &times);
  for (int unit = 0; unit < CORE_UNITS; unit++)
    times.seconds[unit] = (times.seconds[unit] + s->core_before.seconds[unit]) / 2;
  struct operations operations = {0};
  (void)operations_of(s->cell->op, s->isa, &operations);
  const struct core_limit limit = core_limit_of(&times, &operations);
  row->core = 1e9 * limit.seconds / fmin(s->cell->threads, s->settings->cores);
  row->core_unit = limit.bound_by;
}

/* The limits; the twin's times are overwritten, so that each is held against its kernel's sample first. */
static void set_limits(struct sampler *s, struct row *row) {
  set_core(s, row);
  double *twin = s->twin_times;
  double *percent = malloc(s->count * sizeof *percent);
  for (size_t i = 0; percent && i < s->count; i++) percent[i] = 100 * fmax(twin[i], row->core) / s->kernel[i];
  if (percent) row->attainable = summarize(percent, s->count);
  free(percent);
  row->twin = summarize(twin, s->count);
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
  row->samples = malloc(s->count * sizeof *row->samples);
  if (row->samples) memcpy(row->samples, s->kernel, s->count * sizeof *row->samples);
  row->time = summarize(s->kernel, s->count);
  row->status = row->samples ? (row->border ? ROW_BORDER : ROW_MEASURED) : ROW_SKIPPED;
}

void sampler_close(struct sampler *s) {
  twin_close(&s->twin);
  free(s->kernel);
  free(s->twin_times);
  *s = (struct sampler){0};
}
