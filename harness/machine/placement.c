#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* sched_getaffinity */
#endif
#include "machine/placement.h"

#include <limits.h>
#include <math.h>
#include <omp.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "machine/clock.h"
#include "machine/core.h"
#include "sorted.h"
#include "team.h"

/* ---- the probe -------------------------------------------------------------------------------------------------- */

enum {
  TRIALS = 6,               /* of which the fastest counts, so that a neighbour's burst is not taken for a move */
  MOST_TRIALS = 24,         /* while other programs leave all threads together less than one core */
  MOST_ALONE = 4,           /* threads that compute alone in their turn, the first and the last among them */
  PASSES = 512,             /* of the cache line, which are timed together as a block */
  BLOCKS = 8,               /* of which the fastest counts, too */
  MOST_ATTEMPTS = 3,        /* to pass the line to a thread that is not running just now */
  SPINS_PER_CLOCK = 4096,   /* between two readings of the clock */
  SPINS_TO_YIELD = 65536,   /* before a waiting thread gives its processor away: some 50 us */
  SEPARATE_BYTES = 128,     /* so far apart, two variables share no line, nor two lines that are fetched together */
  NANOSECONDS = 1000000000, /* of a second */
};
static const double TRIAL_SECONDS = 100e-6, LINE_SECONDS = 2e-3;
/* Measured: where two processors do 0.9 to 1.1 times the work of one, rows behave as on one core; from 1.4 times on, as
 * on two; and there is next to nothing between. */
static const double SHARED_BELOW = 0.625;
/* Two threads of one core, or of one processor, do not slow each other down that much: another program ran there. */
static const double DISTURBED_BELOW = 0.75;
static const double FAR_FROM_NS = 90; /* two cores above one cache take 20 to 60, two without one 110 and more */

/* A barrier at which threads spin, because a thread that sleeps is woken late. Where two of them have one processor,
 * the one that waits must give it away. It does so late, for another program that gets it keeps it for milliseconds. */
struct spin_barrier {
  _Alignas(SEPARATE_BYTES) atomic_int arrived; /* since the beginning, in all passages */
};

/* `passages` counts those of the calling thread. */
static void wait_for_all(struct spin_barrier *barrier, int threads, int *passages) {
  const int all = ++*passages * threads;
  atomic_fetch_add(&barrier->arrived, 1);
  for (int spins = 1; atomic_load(&barrier->arrived) < all; spins++)
    if (spins % SPINS_TO_YIELD == 0) sched_yield();
}

/* Divisions, in scalar code: it runs on every processor, does not lower the clock as wide vectors may, and keeps the
 * divider busy, of which a core has one. Two threads of one core therefore take twice as long, within 1 or 2%; with
 * scalar multiplications and additions that varies by 15%. */
static void compute(const core_loops *loops, size_t turns) { loops->run[CORE_DIVIDE](turns, NULL); }

static double fastest_trial(const core_loops *loops, size_t turns) {
  double fastest = INFINITY;
  for (int trial = 0; trial < TRIALS; trial++) {
    const double start = clock_seconds();
    compute(loops, turns);
    fastest = fmin(fastest, clock_seconds() - start);
  }
  return fastest;
}

/* How many turns of the loop take about TRIAL_SECONDS. */
static size_t turns_of_a_trial(const core_loops *loops) {
  const size_t few = 512;
  return (size_t)(TRIAL_SECONDS / fmax(fastest_trial(loops, few), 1e-9) * (double)few);
}

/* While one thread computes alone, the others sleep: one that spins on the other thread of its core would slow it down.
 */
static void sleep_meanwhile(void) {
  nanosleep(&(struct timespec){.tv_nsec = (long)(TRIALS * TRIAL_SECONDS * NANOSECONDS)}, NULL);
}

/* Passes the line to and fro as the first (0) or the last (1) of two threads. Returns the nanoseconds of one pass, NaN
 * where the other did not answer in time. */
static double pass_line(atomic_int *line, int me) {
  double block_began = clock_seconds(), fastest = INFINITY;
  const double give_up = block_began + LINE_SECONDS;
  for (int pass = me; pass < PASSES * BLOCKS; pass += 2) {
    for (int spins = 1; atomic_load_explicit(line, memory_order_acquire) != pass; spins++)
      if (spins % SPINS_PER_CLOCK == 0 && clock_seconds() > give_up) return isinf(fastest) ? NAN : fastest;
    atomic_store_explicit(line, pass + 1, memory_order_release);
    if (pass % PASSES < 2 && pass >= PASSES) {
      const double now = clock_seconds();
      /* The first block does not count: in it, one thread waits for the other to arrive. */
      if (pass >= 2 * PASSES) fastest = fmin(fastest, (now - block_began) * 1e9 / PASSES);
      if (now > give_up) break;
      block_began = now;
    }
  }
  return isinf(fastest) ? NAN : fastest;
}

struct probing {
  const core_loops *loops;
  size_t turns;
  int threads, alone_count;
  struct spin_barrier all, pair; /* pair: the first thread and the last */
  _Alignas(SEPARATE_BYTES) atomic_int line[MOST_ATTEMPTS * SEPARATE_BYTES / sizeof(atomic_int)];
  _Alignas(SEPARATE_BYTES) double alone[MOST_ALONE];
  double together, line_ns;
  bool next_trial, next_attempt; /* the first thread decides before a barrier, the others read it behind */
  bool complete;                 /* OpenMP gave as many threads as were asked for */
};

/* The threads that compute alone are spread evenly from the first to the last; this is number `k` of them. */
static int thread_alone(const struct probing *p, int k) { return k * (p->threads - 1) / (p->alone_count - 1); }

static double effective_cores(const struct probing *p) {
  double alone = 0;
  for (int k = 0; k < p->alone_count; k++) alone = fmax(alone, p->alone[k]);
  return p->threads * alone / p->together;
}

static void time_alone(struct probing *p, int me, int *passages) {
  for (int k = 0; k < p->alone_count; k++) {
    wait_for_all(&p->all, p->threads, passages);
    if (me == thread_alone(p, k))
      p->alone[k] = fastest_trial(p->loops, p->turns);
    else
      sleep_meanwhile();
  }
  wait_for_all(&p->all, p->threads, passages);
}

static void time_together(struct probing *p, int me, int *passages) {
  for (int trial = 0;; trial++) {
    if (me == 0) p->next_trial = trial < TRIALS || (trial < MOST_TRIALS && effective_cores(p) < DISTURBED_BELOW);
    const double start = clock_seconds();
    wait_for_all(&p->all, p->threads, passages);
    if (!p->next_trial) return;
    compute(p->loops, p->turns);
    wait_for_all(&p->all, p->threads, passages);
    if (me == 0) p->together = fmin(p->together, clock_seconds() - start);
  }
}

static void time_line(struct probing *p, bool first) {
  int passages = 0;
  for (int attempt = 0;; attempt++) {
    if (first) p->next_attempt = attempt < MOST_ATTEMPTS && isnan(p->line_ns);
    wait_for_all(&p->pair, 2, &passages);
    if (!p->next_attempt) return;
    const double ns = pass_line(&p->line[(size_t)attempt * SEPARATE_BYTES / sizeof(atomic_int)], !first);
    wait_for_all(&p->pair, 2, &passages);
    if (first) p->line_ns = ns;
  }
}

static void probe_as(struct probing *p, int me) {
  int passages = 0;
  time_alone(p, me, &passages);
  time_together(p, me, &passages);
  if (me == 0 || me == p->threads - 1) time_line(p, me == 0);
}

struct placement_probe placement_probe(int threads) {
  const struct placement_probe unknown = {NAN, NAN};
  const core_loops *loops = core_loops_of("scalar");
  if (threads < 2 || !loops) return unknown;
  struct probing p = {.loops = loops,
                      .turns = turns_of_a_trial(loops),
                      .threads = threads,
                      .alone_count = threads < MOST_ALONE ? threads : MOST_ALONE,
                      .together = INFINITY,
                      .line_ns = NAN};
#pragma omp parallel num_threads(threads)
  {
    const int me = omp_get_thread_num();
    if (omp_get_num_threads() == threads) probe_as(&p, me);
#pragma omp master
    p.complete = omp_get_num_threads() == threads;
  }
  if (!p.complete) return unknown;
  return (struct placement_probe){.effective_cores = effective_cores(&p), .line_ns = p.line_ns};
}

void placement_state(const struct placement_probe *probe, int threads, char state[PLACEMENT_STATE]) {
  state[0] = '\0';
  if (threads < 2 || !(probe->effective_cores > 0) || isinf(probe->effective_cores)) return;
  int cores = threads;
  /* Of many threads, the cores are rounded to an eighth of them, or each probe would find another state. */
  const int step = threads > 8 ? threads / 8 : 1;
  if (probe->effective_cores < SHARED_BELOW * threads)
    cores = (int)fmax(1, round(probe->effective_cores / step) * step);
  /* Threads of one core are never far apart; where they take turns on one processor, the line's time is that of the
   * turns. Of several cores nobody knows whether they are far apart when the line could not be timed. */
  if (cores > 1 && isnan(probe->line_ns)) return;
  const bool far = cores > 1 && probe->line_ns >= FAR_FROM_NS;
  snprintf(state, PLACEMENT_STATE, "%d core%s%s", cores, cores == 1 ? "" : "s", far ? ", far" : "");
}

/* ---- the log ---------------------------------------------------------------------------------------------------- */

void placement_log_add(struct placement_log *log, int threads, const struct placement_probe *probe) {
  if (log->count == log->capacity) {
    const size_t capacity = log->capacity ? 2 * log->capacity : 64;
    struct placement_taken *more = realloc(log->taken, capacity * sizeof *more);
    if (!more) return;
    log->taken = more, log->capacity = capacity;
  }
  log->taken[log->count++] = (struct placement_taken){.probe = *probe, .at = clock_seconds(), .threads = threads};
}

void placement_log_free(struct placement_log *log) {
  free(log->taken);
  free(log->pair);
  *log = (struct placement_log){0};
}

int placement_most_threads(const struct placement_log *log) {
  int most = 0;
  for (size_t i = 0; i < log->count; i++)
    if (log->taken[i].threads > most) most = log->taken[i].threads;
  return most;
}

/* The next number of threads above `above` that was probed; 0 if there is none. */
static int next_threads(const struct placement_log *log, int above) {
  int next = INT_MAX;
  for (size_t i = 0; i < log->count; i++)
    if (log->taken[i].threads > above && log->taken[i].threads < next) next = log->taken[i].threads;
  return next == INT_MAX ? 0 : next;
}

/* The medians of the probes that found this state; NaN without memory. */
static void take_medians(const struct placement_log *log, int threads, struct placement_found *found) {
  double *cores = malloc(2 * log->count * sizeof *cores), *lines = cores + log->count;
  size_t count = 0, handed_over = 0;
  found->effective_cores = found->line_ns = NAN;
  if (!cores) return;
  for (size_t i = 0; i < log->count; i++) {
    const struct placement_taken *taken = &log->taken[i];
    char state[PLACEMENT_STATE];
    if (taken->threads != threads) continue;
    placement_state(&taken->probe, threads, state);
    if (strcmp(state, found->state) != 0) continue;
    cores[count++] = taken->probe.effective_cores;
    if (taken->probe.line_ns > 0) lines[handed_over++] = taken->probe.line_ns;
  }
  found->effective_cores = median(cores, count);
  found->line_ns = median(lines, handed_over);
  free(cores);
}

/* The state's entry, a new one if it has none yet; NULL where there are too many to list. */
static struct placement_found *find_state(struct placement_summary *s, const char *state) {
  for (size_t i = 0; i < s->states; i++)
    if (strcmp(s->found[i].state, state) == 0) return &s->found[i];
  if (s->states == PLACEMENT_FOUND) return NULL;
  struct placement_found *found = &s->found[s->states++];
  snprintf(found->state, sizeof found->state, "%s", state);
  return found;
}

static int more_frequent(const void *a, const void *b) {
  const struct placement_found *x = a, *y = b;
  if (x->probes != y->probes) return x->probes < y->probes ? 1 : -1;
  return strcmp(x->state, y->state);
}

void placement_summarize(const struct placement_log *log, int threads, struct placement_summary *s) {
  char before[PLACEMENT_STATE] = "", state[PLACEMENT_STATE];
  double first = NAN;
  *s = (struct placement_summary){.threads = threads};
  for (size_t i = 0; i < log->count; i++) {
    const struct placement_taken *taken = &log->taken[i];
    if (taken->threads != threads) continue;
    if (s->probes++ == 0) first = taken->at;
    s->seconds = taken->at - first;
    placement_state(&taken->probe, threads, state);
    if (!state[0]) continue;
    s->known++;
    s->moves += before[0] && strcmp(before, state) != 0;
    memcpy(before, state, sizeof before);
    struct placement_found *found = find_state(s, state);
    if (found) found->probes++;
  }
  qsort(s->found, s->states, sizeof *s->found, more_frequent);
  for (size_t i = 0; i < s->states; i++) take_medians(log, threads, &s->found[i]);
}

/* ---- two processors at a time ----------------------------------------------------------------------------------- */

/* The affinity of one thread, whatever it is. */
struct affinity {
  cpu_set_t set[8];
  bool known;
};

static void affinity_read(struct affinity *affinity) {
  affinity->known = sched_getaffinity(0, sizeof affinity->set, affinity->set) == 0;
}

static void affinity_restore(const struct affinity *affinity, const struct machine *machine) {
  if (!affinity->known || sched_setaffinity(0, sizeof affinity->set, affinity->set) != 0) machine_unbind(machine);
}

/* Binds the two threads of a team to two of the machine's processors; false where that cannot be done. */
static bool bind_two(const struct machine *machine, const unsigned pu[2]) {
  int bound = 0;
#pragma omp parallel num_threads(2) reduction(+ : bound)
  bound += machine_bind(machine, (int)pu[omp_get_thread_num()]);
  return bound == 2;
}

/* Neighbours by number first, for the time may end: where a hypervisor hides that two processors are threads of one
 * core, it is most often such. */
static void measure_pairs(struct placement_log *log, const struct machine *machine, double give_up) {
  for (unsigned apart = 1; apart < machine->pus; apart++)
    for (unsigned i = 0; i + apart < machine->pus; i++) {
      const unsigned pu[2] = {i, i + apart};
      if (clock_seconds() > give_up || !bind_two(machine, pu)) return;
      log->pair[log->pairs++] = (struct placement_pair){
          .probe = placement_probe(2), .first = machine->pu[pu[0]].os_index, .second = machine->pu[pu[1]].os_index};
    }
}

void placement_measure_pairs(struct placement_log *log, const struct machine *machine, double seconds) {
  const double give_up = clock_seconds() + seconds;
  struct affinity had[2] = {{.known = false}, {.known = false}};
  if (machine->pus <= 2 || machine->pus > GM_MAX_THREADS || team_given(2) != 2) return;
  const size_t all = (size_t)machine->pus * (machine->pus - 1) / 2;
  free(log->pair);
  log->pairs = 0;
  log->pair = malloc(all * sizeof *log->pair);
  if (!log->pair) return;
#pragma omp parallel num_threads(2)
  affinity_read(&had[omp_get_thread_num()]);
  measure_pairs(log, machine, give_up);
#pragma omp parallel num_threads(2)
  affinity_restore(&had[omp_get_thread_num()], machine);
}

/* ---- as JSON ---------------------------------------------------------------------------------------------------- */

static json_t *positive_or_null(double x) { return isfinite(x) && x > 0 ? json_real(x) : json_null(); }

static json_t *describe_found(const struct placement_found *found) {
  return json_pack("{s:s, s:o, s:o, s:I}", "state", found->state, "effective_cores",
                   positive_or_null(found->effective_cores), "line_ns", positive_or_null(found->line_ns), "probes",
                   (json_int_t)found->probes);
}

static json_t *describe_watched(const struct placement_log *log) {
  json_t *watched = json_array();
  for (int threads = 0; (threads = next_threads(log, threads));) {
    struct placement_summary s;
    json_t *states = json_array();
    placement_summarize(log, threads, &s);
    for (size_t i = 0; i < s.states; i++) json_array_append_new(states, describe_found(&s.found[i]));
    json_array_append_new(watched, json_pack("{s:i, s:I, s:I, s:o}", "threads", threads, "probes", (json_int_t)s.probes,
                                             "moves", (json_int_t)s.moves, "states", states));
  }
  return watched;
}

static json_t *describe_pairs(const struct placement_log *log) {
  json_t *pairs = json_array();
  for (size_t i = 0; i < log->pairs; i++) {
    const struct placement_pair *pair = &log->pair[i];
    json_array_append_new(
        pairs, json_pack("{s:I, s:I, s:o, s:o}", "first", (json_int_t)pair->first, "second", (json_int_t)pair->second,
                         "effective_cores", positive_or_null(pair->probe.effective_cores), "line_ns",
                         positive_or_null(pair->probe.line_ns)));
  }
  return pairs;
}

static const char *plural(unsigned count) { return count == 1 ? "" : "s"; }

/* "2 cores, 1 thread each, 1 package; L3 shared by 2" */
static json_t *describe_topology(const struct machine *machine) {
  char text[160];
  int used = snprintf(text, sizeof text, "%u core%s, %u thread%s each at most, %u package%s", machine->cores,
                      plural(machine->cores), machine->smt, plural(machine->smt), machine->packages,
                      plural(machine->packages));
  const struct machine_cache *last = machine_last_cache(machine);
  if (last && last->count)
    snprintf(text + used, sizeof text - (size_t)used, "; %u L%d", last->count, (int)(last - machine->cache) + 1);
  return json_string(text);
}

json_t *placement_describe(const struct placement_log *log, const struct machine *machine) {
  return json_pack(
      "{s:o, s:o, s:o, s:o}", "topology", describe_topology(machine), "may_move",
      machine->hypervisor == MACHINE_UNKNOWN ? json_null() : json_boolean(machine->hypervisor == MACHINE_YES),
      "watched", describe_watched(log), "pairs", describe_pairs(log));
}

/* ---- for people ------------------------------------------------------------------------------------------------- */

/* Adds to a text as far as there is room. */
__attribute__((format(printf, 3, 4))) static void add(char *text, size_t size, const char *format, ...) {
  const size_t used = strlen(text);
  va_list args;
  va_start(args, format);
  vsnprintf(text + used, size - used, format, args);
  va_end(args);
}

/* "two cores", "one core", "two cores, far apart" */
static void add_state(char *text, size_t size, const char *state) {
  static const char *const words[] = {"no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"};
  const int cores = atoi(state);
  if (cores < (int)(sizeof words / sizeof *words))
    add(text, size, "%s core%s", words[cores], plural((unsigned)cores));
  else
    add(text, size, "%d cores", cores);
  if (strstr(state, "far")) add(text, size, " far apart");
}

void placement_description(const struct placement_found *found, int threads, char *text, size_t size) {
  text[0] = '\0';
  add(text, size, "%d processors, ", threads);
  add_state(text, size, found->state);
  if (found->effective_cores > 0) add(text, size, ": together %.2f times as fast as one", found->effective_cores);
  if (found->line_ns > 0) add(text, size, "; a cache line is handed over in %.0f ns", found->line_ns);
}

void placement_moves(const struct placement_summary *s, char *text, size_t size) {
  text[0] = '\0';
  if (s->known < 2) return;
  if (s->moves == 0) add(text, size, "did not move");
  if (s->moves == 1) add(text, size, "moved once");
  if (s->moves == 2) add(text, size, "moved twice");
  if (s->moves > 2) add(text, size, "moved %zu times", s->moves);
  add(text, size, " in %.*f s", s->seconds < 1 ? 1 : 0, s->seconds);
}

void placement_sentence(const struct placement_log *log, char *text, size_t size) {
  struct placement_summary s;
  placement_summarize(log, placement_most_threads(log), &s);
  text[0] = '\0';
  if (s.states == 0) return;
  char moves[64];
  placement_description(&s.found[0], s.threads, text, size);
  placement_moves(&s, moves, sizeof moves);
  for (size_t i = 1; i < s.states; i++) {
    add(text, size, i == 1 ? "; " : ", ");
    add_state(text, size, s.found[i].state);
    add(text, size, " %zu of %zu times", s.found[i].probes, s.known);
  }
  if (moves[0]) add(text, size, "; %s", moves);
}

/* ---- the environment's item ------------------------------------------------------------------------------------- */

/* Did any probe find fewer cores than threads? */
static bool shared(const struct placement_summary *s) {
  for (size_t i = 0; i < s->states; i++)
    if (atoi(s->found[i].state) < s->threads) return true;
  return false;
}

/* "2 cores 3 of 4 times, 1 core 1 of 4 times" */
static void add_states(char *text, size_t size, const struct placement_summary *s) {
  if (s->states == 1) add(text, size, "%s each of %zu times", s->found[0].state, s->known);
  for (size_t i = 0; s->states > 1 && i < s->states; i++)
    add(text, size, "%s%s %zu of %zu times", i ? ", " : "", s->found[i].state, s->found[i].probes, s->known);
}

void placement_observe(const struct placement_log *log, const struct machine *machine,
                       struct environment *environment) {
  struct placement_summary s;
  char value[ENVIRONMENT_VALUE] = "", what[ENVIRONMENT_SENTENCE] = "";
  placement_summarize(log, placement_most_threads(log), &s);
  if (s.states == 0) return;
  const bool may_move = machine->hypervisor != MACHINE_NO;
  const enum environment_state state = s.moves || shared(&s) ? ENVIRONMENT_WARNED : ENVIRONMENT_FINE;
  add(value, sizeof value, "%d threads were ", s.threads);
  add_states(value, sizeof value, &s);
  environment_set(environment, "placement", state, s.found[0].effective_cores, value);
  if (state == ENVIRONMENT_FINE) return;
  if (s.moves)
    add(what, sizeof what, "%d threads were moved while they were watched, between ", s.threads);
  else
    add(what, sizeof what, "%d threads have fewer cores than that: ", s.threads);
  add_states(what, sizeof what, &s);
  environment_warn(environment, "placement", what,
                   may_move ? "The hypervisor moves virtual processors between cores, threads of one core and caches, "
                              "and shows nothing of it; or other programs were busy"
                            : "Threads share a core, or other programs were busy",
                   may_move ? "Compare speeds on several threads only where they were as many cores; measure again at "
                              "another time, or on a host of its own"
                            : "Stop other programs, and use as many threads as there are cores");
}
