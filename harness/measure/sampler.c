#include "measure/sampler.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "machine/clock.h"
#include "measure/statistics.h"

/* ---- the core's loops ------------------------------------------------------------------------------------------- */

static struct ceiling *find_or_make(struct ceilings *all, const char *isa, int threads,
                                    const struct core_times *times) {
  for (size_t i = 0; i < all->count; i++)
    if (strcmp(all->ceiling[i].isa, isa) == 0 && all->ceiling[i].threads == threads) return &all->ceiling[i];
  struct ceiling *more = realloc(all->ceiling, (all->count + 1) * sizeof *more);
  if (!more) return NULL;
  all->ceiling = more;
  more[all->count] = (struct ceiling){.isa = isa, .threads = threads, .lanes = times->width, .fused = times->fused};
  return &more[all->count++];
}

static bool grow_ceiling(struct ceiling *ceiling) {
  if (ceiling->count < ceiling->capacity) return true;
  const size_t capacity = ceiling->capacity ? 2 * ceiling->capacity : 16;
  for (int kind = 0; kind < CORE_KINDS; kind++) {
    double *more = realloc(ceiling->taken[kind], capacity * sizeof *more);
    if (!more) return false;
    ceiling->taken[kind] = more;
  }
  ceiling->capacity = capacity;
  return true;
}

/* One measurement more; dropped without memory. */
static void ceilings_add(struct ceilings *ceilings, const char *isa, int threads, const struct core_times *times) {
  struct ceiling *ceiling = find_or_make(ceilings, isa, threads, times);
  if (!ceiling || !grow_ceiling(ceiling)) return;
  for (int kind = 0; kind < CORE_KINDS; kind++) ceiling->taken[kind][ceiling->count] = times->seconds[kind];
  ceiling->count++;
}

double ceiling_ns(const struct ceiling *ceiling, enum core_kind kind) {
  return 1e9 * median(ceiling->taken[kind], ceiling->count);
}

void ceilings_free(struct ceilings *ceilings) {
  for (size_t i = 0; i < ceilings->count; i++)
    for (int kind = 0; kind < CORE_KINDS; kind++) free(ceilings->ceiling[i].taken[kind]);
  free(ceilings->ceiling);
  *ceilings = (struct ceilings){0};
}

/* ---- samples ---------------------------------------------------------------------------------------------------- */

/* One step; what a call that failed took says nothing. */
static void step(struct sampler *s) {
  if (gm_call_unchecked(s->impl, s->group->threads, &s->group->frame) != GM_OK)
    trap_went_well(&(struct trapped){.status = GM_NO_MEMORY}, s->failure);
}

/* Spins for `share` of what the steps took on top. */
static double time_kernel(struct sampler *s, long steps, double share) {
  const double start = clock_seconds();
  for (long i = 0; i < steps; i++) step(s);
  const double done = clock_seconds(), end = done + (done - start) * share;
  double now = done;
  while (now < end) now = clock_seconds();
  s->waited += now - done;
  return now - start;
}

/* Seconds of `steps` steps of what is sampled, for as much as the kernel does in as many. */
static double time_steps(struct sampler *s, enum sampled which, long steps) {
  switch (which) {
    case SAMPLED_TWIN: return limit_time(&s->limits.twin, s->group->threads, steps);
    case SAMPLED_CORE_TWIN: return limit_time(&s->limits.core_twin, s->group->threads, steps);
    default: s->group->steps += steps; return time_kernel(s, steps, 0);
  }
}

/* Seconds of one step of the kernel: the fastest of three goes, each of enough steps to last `seconds` / 4. */
static double time_one(struct sampler *s, double seconds) {
  enum { GOES = 3 };
  const double long_enough = 0.002;
  long steps = 1;
  double total;
  while ((total = time_steps(s, SAMPLED_KERNEL, steps)) < seconds / 4 && !s->failure[0] && steps < 1L << 24) steps *= 4;
  double fastest = total;
  for (int go = 1; go < GOES && total < long_enough; go++)
    fastest = fmin(fastest, time_steps(s, SAMPLED_KERNEL, steps));
  return fastest / (double)steps;
}

static long steps_for(double seconds, double each) {
  const double wanted = seconds / (each > 1e-9 ? each : 1e-9);
  return wanted < 1 ? 1 : (long)lround(wanted);
}

static int sampled(const struct sampler *s) { return s->settings->limits ? SAMPLED : SAMPLED_KERNEL + 1; }

bool sampler_open(struct sampler *s, const struct sampler_settings *settings, struct group *group,
                  const gm_impl *impl) {
  *s = (struct sampler){.settings = settings, .group = group, .impl = impl};
  const struct trapped trapped = trap_call(impl, group->threads, &group->frame);
  if (!trap_went_well(&trapped, s->failure)) return false;
  double each[SAMPLED]; /* seconds of a call; a shortened twin's is a share of a step */
  each[SAMPLED_KERNEL] = s->call_seconds = time_one(s, settings->sample_seconds);
  if (s->failure[0]) return false;
  if (settings->limits) {
    limits_open(&s->limits, settings->library, impl, &group->frame, group->threads);
    ceilings_add(settings->ceilings, s->limits.isa, group->threads, &s->limits.core);
    each[SAMPLED_TWIN] = s->limits.twin.seconds;
    each[SAMPLED_CORE_TWIN] = s->limits.core_twin.seconds;
  }
  for (int which = 0; which < sampled(s); which++) {
    s->steps[which] = steps_for(settings->sample_seconds, each[which]);
    const double seconds = each[which] * (double)s->steps[which];
    if (which == SAMPLED_KERNEL)
      s->kernel_seconds = seconds * (1 + settings->delay);
    else
      s->limit_seconds += seconds;
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

/* After very many steps the numbers are put back. */
static void prepare(struct sampler *s) {
  enum { STEPS_BEFORE_RESTORE = 20000 };
  const long steps = s->steps[SAMPLED_KERNEL];
  if (s->group->steps && s->group->steps + steps > STEPS_BEFORE_RESTORE) {
    group_restore(s->group);
    step(s);
  }
  s->group->steps += steps;
}

bool sampler_is_long(const struct sampler *s) {
  const double long_call = 0.002; /* seconds */
  return s->call_seconds > long_call;
}

bool sampler_begin(struct sampler *s, size_t round) {
  if (!s->visits || s->visit[s->visits - 1].round != round) {
    if (!grow_visits(s)) return false;
    s->visit[s->visits++] = (struct visit){.round = round};
  }
  if (!sampler_is_long(s)) step(s);
  return !s->failure[0];
}

bool sampler_take(struct sampler *s) {
  const double to_ns = 1e9 / s->group->elements;
  struct visit *visit = &s->visit[s->visits - 1];
  if (!grow(s)) return false;
  prepare(s);
  const double seconds = time_kernel(s, s->steps[SAMPLED_KERNEL], s->settings->delay);
  if (s->failure[0]) return false;
  s->taken[SAMPLED_KERNEL][s->count++] = seconds / (double)s->steps[SAMPLED_KERNEL] * to_ns;
  visit->count++;
  s->seconds += seconds;
  if (!s->settings->limits || (sampler_is_long(s) && visit->limit_count)) return true;
  for (int which = SAMPLED_TWIN; which < SAMPLED; which++)
    s->taken[which][s->limit_count] =
        time_steps(s, (enum sampled)which, s->steps[which]) / (double)s->steps[which] * to_ns;
  s->limit_count++;
  visit->limit_count++;
  return true;
}

/* ---- figures ---------------------------------------------------------------------------------------------------- */

static void set_limits(struct sampler *s, struct row *row, const struct rounds *rounds, double *of_kernel,
                       double *of_limit) {
  const char *state = row->usual.state;
  const size_t count = rounds_medians(rounds, ROUNDS_OF_KERNEL, s->taken[SAMPLED_KERNEL], state, of_kernel);
  rounds_medians(rounds, ROUNDS_OF_LIMIT, s->taken[SAMPLED_CORE_TWIN], state, of_limit);
  row->core_twin = lower_quartile(of_limit, count);
  rounds_medians(rounds, ROUNDS_OF_LIMIT, s->taken[SAMPLED_TWIN], state, of_limit);
  row->twin = lower_quartile(of_limit, count);
  row->by_memory = row->twin >= row->core_twin;
  if (!row->by_memory) rounds_medians(rounds, ROUNDS_OF_LIMIT, s->taken[SAMPLED_CORE_TWIN], state, of_limit);
  row->attainable = attained_percent(of_limit, of_kernel, count);
  row->core_description = limits_core_description(&s->limits, s->impl->op);
  row->twin_stores = s->limits.twin.description;
  row->core_twin_build = s->limits.core_twin.description;
}

/* The samples and visits become the row's. */
static void hand_over(struct sampler *s, struct row *row) {
  row->samples = s->taken[SAMPLED_KERNEL];
  row->count = s->count;
  row->visits = s->visit;
  row->visit_count = s->visits;
  s->taken[SAMPLED_KERNEL] = NULL;
  s->visit = NULL;
}

bool sampler_finish(struct sampler *s, struct row *row) {
  const struct group *group = s->group;
  const double *samples = s->taken[SAMPLED_KERNEL];
  struct rounds rounds = {s->visit, s->visits, malloc((s->count + s->visits) * sizeof *rounds.scratch)};
  double *medians = malloc(s->visits * sizeof *medians), *of_limit = malloc(s->visits * sizeof *of_limit);
  const bool done = rounds.scratch && medians && of_limit;
  if (done) {
    const char *usual = rounds_usual_state(&rounds);
    row->elements = group->elements;
    row->working_set = group->working_set;
    row->bytes_per_element = group->bytes / group->elements;
    row->huge_bytes = layout_huge_bytes(&group->layout);
    row->seconds = s->seconds;
    row->waited = s->waited;
    row->usual = rounds_in(&rounds, samples, usual, medians);
    row->time = row->usual.time;
    if (usual) row->others = rounds_others(&rounds, samples, usual, s->visits / 4 + 1, medians, row->other);
    if (s->settings->limits) set_limits(s, row, &rounds, medians, of_limit);
    memcpy(rounds.scratch, samples, s->count * sizeof *samples);
    row->typical = median(rounds.scratch, s->count);
    row->status = row->border ? ROW_BORDER : ROW_MEASURED;
    hand_over(s, row);
  }
  free(rounds.scratch);
  free(medians);
  free(of_limit);
  return done;
}

void sampler_close(struct sampler *s) {
  for (int which = 0; which < SAMPLED; which++) free(s->taken[which]);
  free(s->visit);
  *s = (struct sampler){0};
}
