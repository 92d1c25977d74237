#include "run/sampler.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "machine/clock.h"

enum { PREFERENCE_OF_AUTOVEC_FEATURES = 20 };

/* The ISA whose twin and loops are an implementation's limit: its own; for `autovec`, whose twin would only show how
 * well the compiler vectorizes a twin, the lane ISA of the same features; for a plug-in the best exact one that runs.
 */
static const char *limits_isa(const gm_library *library, const gm_impl *impl) {
  const bool autovec = strcmp(impl->impl, "autovec") == 0;
  if (!impl->plugin && !autovec) return impl->impl;
  const gm_isa *best = NULL;
  for (size_t i = 0; i < gm_isa_count(library); i++) {
    const gm_isa *isa = gm_isa_at(library, i);
    if (!isa->compiled || !isa->supported || isa->fast || strcmp(isa->name, "autovec") == 0) continue;
    if (autovec && isa->preference > PREFERENCE_OF_AUTOVEC_FEATURES) continue;
    if (!best || isa->preference > best->preference) best = isa;
  }
  return best ? best->name : "scalar";
}

static double time_steps(const gm_impl *impl, int threads, const gm_frame *frame, long steps) {
  const double start = clock_seconds();
  for (long i = 0; i < steps; i++) gm_call_unchecked(impl, threads, frame);
  return clock_seconds() - start;
}

/* Seconds of one step: the fastest of three goes, each of enough steps to last `seconds` / 4. */
static double time_one(const gm_impl *impl, int threads, const gm_frame *frame, double seconds) {
  enum { GOES = 3 };
  long steps = 1;
  double total;
  while ((total = time_steps(impl, threads, frame, steps)) < seconds / 4 && steps < 1L << 24) steps *= 4;
  double fastest = total;
  for (int go = 1; go < GOES && total < 0.01; go++) {
    const double again = time_steps(impl, threads, frame, steps);
    if (again < fastest) fastest = again;
  }
  return fastest / (double)steps;
}

static long steps_for(double seconds, double each) {
  const double wanted = seconds / (each > 1e-9 ? each : 1e-9);
  return wanted < 1 ? 1 : (long)lround(wanted);
}

bool sampler_open(struct sampler *s, const gm_library *library, struct cell *cell, const gm_impl *impl, unsigned cores,
                  double warm_up, double sample, double *estimate) {
  const char *isa = limits_isa(library, impl);
  *s = (struct sampler){.cell = cell, .impl = impl, .cores = cores, .loops = core_loops_of(isa)};
  if (!twin_open(&s->twin, cell->op, &cell->frame, twin_body(isa))) return false;
  cell_restore(cell); /* every implementation begins with the same numbers */
  if (gm_call_unchecked(impl, cell->threads, &cell->frame) != GM_OK) return false;
  const double start = clock_seconds();
  double kernel, twin;
  do {
    kernel = time_one(impl, cell->threads, &cell->frame, sample);
    twin = time_one(&s->twin.impl, cell->threads, &s->twin.frame, sample);
  } while (clock_seconds() - start < warm_up);
  s->kernel_steps = steps_for(sample, kernel);
  s->twin_steps = steps_for(sample, twin);
  *estimate = kernel * (double)s->kernel_steps + twin * (double)s->twin_steps;
  s->core_before = core_measure(s->loops);
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

double sampler_take(struct sampler *s) {
  enum { STEPS_BEFORE_RESTORE = 20000 };
  struct cell *cell = s->cell;
  if (!grow(s)) return 0;
  if (s->steps_since_restore + s->kernel_steps > STEPS_BEFORE_RESTORE && s->steps_since_restore) {
    cell_restore(cell);
    time_steps(s->impl, cell->threads, &cell->frame, 1);
    s->steps_since_restore = 0;
  }
  const double to_ns = 1e9 / cell->elements;
  const double seconds = time_steps(s->impl, cell->threads, &cell->frame, s->kernel_steps);
  s->steps_since_restore += s->kernel_steps;
  s->kernel[s->count] = seconds / (double)s->kernel_steps * to_ns;
  s->twin_times[s->count] =
      time_steps(&s->twin.impl, cell->threads, &s->twin.frame, s->twin_steps) / (double)s->twin_steps * to_ns;
  s->count++;
  return seconds;
}

/* The core's limit from the mean of a measurement before and one after. */
static void set_core(struct sampler *s, struct row *row) {
  struct core_times times = core_measure(s->loops);
  for (int unit = 0; unit < CORE_UNITS; unit++)
    times.seconds[unit] = (times.seconds[unit] + s->core_before.seconds[unit]) / 2;
  double loads, stores;
  core_accesses(s->cell->op, &loads, &stores);
  const struct core_limit limit = core_limit_of(&times, s->cell->op->mix, loads, stores);
  row->core = 1e9 * limit.seconds / fmin(s->cell->threads, s->cores);
  row->core_unit = limit.bound_by;
}

void sampler_finish(struct sampler *s, struct row *row) {
  const struct cell *cell = s->cell;
  row->elements = cell->elements;
  row->working_set = cell->working_set;
  row->bytes_per_element = cell->bytes / cell->elements;
  row->huge_bytes = arena_huge_bytes(&cell->arena);
  row->count = s->count;
  row->twin = summarize(s->twin_times, s->count);
  free(row->samples);
  row->samples = malloc(s->count * sizeof *row->samples);
  if (row->samples) memcpy(row->samples, s->kernel, s->count * sizeof *row->samples);
  row->time = summarize(s->kernel, s->count);
  set_core(s, row);
  row->status = row->samples ? (row->border ? ROW_BORDER : ROW_MEASURED) : ROW_SKIPPED;
}

void sampler_close(struct sampler *s) {
  twin_close(&s->twin);
  free(s->kernel);
  free(s->twin_times);
}
