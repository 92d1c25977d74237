/* Where threads run: what is called what, what is kept of it, and that the probe sees two threads of one processor. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* sched_getaffinity */
#endif
#include <math.h>
#include <omp.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "machine/placement.h"
#include "team.h"

static void states_have_two_kinds_of_cores(void **unused) {
  (void)unused;
  static const struct {
    int threads;
    double effective_cores, line_ns;
    const char *state;
  } table[] = {
      {2, 2.00, 28, "2 cores"},
      {2, 1.98, 165, "2 cores, far"},
      {2, 1.40, 30, "2 cores"},
      {2, 1.25, 30, "2 cores"},
      {2, 1.24, 30, "1 core"},
      {2, 1.02, 26, "1 core"},
      {2, 0.90, 26, "1 core"},
      {2, 0.05, 26, "1 core"},
      {2, 2.30, 30, "2 cores"},
      {2, 1.98, 90, "2 cores, far"},
      {2, 1.98, 89.9, "2 cores"},
      {2, 1.98, NAN, ""},
      {2, 1.02, 5e6, "1 core"},
      {2, 1.02, NAN, "1 core"},
      {4, 2.00, 165, "2 cores, far"},
      {4, 2.49, 30, "2 cores"},
      {64, 33.1, 30, "32 cores"},
      {64, 31.2, 30, "32 cores"},
      {64, 45.0, 30, "64 cores"},
      {4, 2.50, 30, "4 cores"},
      {4, 1.04, 30, "1 core"},
      {8, 4.90, 30, "5 cores"},
      {8, 7.00, 30, "8 cores"},
      {2, NAN, NAN, ""},
      {2, NAN, 30, ""},
      {2, 0, 30, ""},
      {2, INFINITY, 30, ""},
      {1, 1.00, 30, ""},
      {1024, 1000, 130, "1024 cores, far"},
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    const struct placement_probe probe = {table[i].effective_cores, table[i].line_ns};
    char state[PLACEMENT_STATE];
    placement_state(&probe, table[i].threads, state);
    if (strcmp(state, table[i].state) != 0)
      fail_msg("%d threads as %g cores, %g ns: '%s'", table[i].threads, table[i].effective_cores, table[i].line_ns,
               state);
  }
}

static void add(struct placement_log *log, int threads, double effective_cores, double line_ns) {
  placement_log_add(log, threads, &(struct placement_probe){effective_cores, line_ns});
}

/* Two moves, for what was not known between them is none; on four threads one. */
static struct placement_log some_probes(void) {
  struct placement_log log = {0};
  add(&log, 2, 1.0, 26);
  add(&log, 4, 3.8, 40);
  add(&log, 2, 2.0, 30);
  add(&log, 2, NAN, NAN);
  add(&log, 2, 1.9, 32);
  add(&log, 4, 3.9, 150);
  add(&log, 2, 1.8, 31);
  add(&log, 2, 1.1, 28);
  return log;
}

static void moves_are_counted(void **unused) {
  (void)unused;
  struct placement_log log = some_probes();
  struct placement_summary s;
  placement_summarize(&log, 2, &s);
  assert_int_equal(s.probes, 6);
  assert_int_equal(s.known, 5);
  assert_int_equal(s.moves, 2);
  assert_int_equal(s.states, 2);
  assert_string_equal(s.found[0].state, "2 cores");
  assert_int_equal(s.found[0].probes, 3);
  assert_true(s.found[0].effective_cores == 1.9 && s.found[0].line_ns == 31);
  assert_string_equal(s.found[1].state, "1 core");
  assert_int_equal(s.found[1].probes, 2);
  assert_true(fabs(s.found[1].effective_cores - 1.05) < 1e-9 && s.found[1].line_ns == 27);
  assert_int_equal(placement_most_threads(&log), 4);
  placement_summarize(&log, 3, &s);
  assert_true(s.probes == 0 && s.states == 0 && s.moves == 0);
  placement_log_free(&log);
  assert_int_equal(placement_most_threads(&log), 0);
}

static struct machine virtual_machine(void) {
  return (struct machine){.cores = 2, .pus = 2, .smt = 1, .packages = 1, .hypervisor = MACHINE_YES};
}

static void the_description_is_the_result_files(void **unused) {
  (void)unused;
  struct placement_log log = some_probes();
  const struct machine machine = virtual_machine();
  log.pair = malloc(sizeof *log.pair);
  assert_non_null(log.pair);
  log.pair[log.pairs++] = (struct placement_pair){.probe = {1.0, NAN}, .first = 0, .second = 5};
  json_t *described = placement_describe(&log, &machine);
  json_t *expected = json_pack(
      "{s:s, s:b, s:[{s:i, s:i, s:i, s:[{s:s, s:f, s:f, s:i}, {s:s, s:f, s:f, s:i}]},"
      " {s:i, s:i, s:i, s:[{s:s, s:f, s:f, s:i}, {s:s, s:f, s:f, s:i}]}],"
      " s:[{s:i, s:i, s:f, s:n}]}",
      "topology", "2 cores, 1 thread each at most, 1 package", "may_move", 1, "watched",      //
      "threads", 2, "probes", 6, "moves", 2, "states",                                        //
      "state", "2 cores", "effective_cores", 1.9, "line_ns", 31.0, "probes", 3,               //
      "state", "1 core", "effective_cores", 0.5 * (1.0 + 1.1), "line_ns", 27.0, "probes", 2,  //
      "threads", 4, "probes", 2, "moves", 1, "states",                                        //
      "state", "4 cores", "effective_cores", 3.8, "line_ns", 40.0, "probes", 1,               //
      "state", "4 cores, far", "effective_cores", 3.9, "line_ns", 150.0, "probes", 1,         //
      "pairs", "first", 0, "second", 5, "effective_cores", 1.0, "line_ns");
  assert_non_null(expected);
  assert_true(json_equal(described, expected));
  json_decref(described);
  json_decref(expected);
  placement_log_free(&log);
}

static void nothing_watched_is_described(void **unused) {
  (void)unused;
  const struct placement_log log = {0};
  struct machine machine = virtual_machine();
  machine.hypervisor = MACHINE_UNKNOWN;
  char text[200] = "before";
  json_t *described = placement_describe(&log, &machine);
  assert_true(json_is_null(json_object_get(described, "may_move")));
  assert_int_equal(json_array_size(json_object_get(described, "watched")), 0);
  assert_int_equal(json_array_size(json_object_get(described, "pairs")), 0);
  assert_int_equal(json_object_size(described), 4);
  json_decref(described);
  placement_sentence(&log, text, sizeof text);
  assert_string_equal(text, "");
}

static void sentences_say_how_often(void **unused) {
  (void)unused;
  char text[400], small[20];
  struct placement_log log = {0};
  add(&log, 2, 1.02, NAN);
  placement_sentence(&log, text, sizeof text);
  assert_string_equal(text, "2 processors, one core: together 1.02 times as fast as one");
  add(&log, 2, 1.02, 26);
  log.taken[1].at = log.taken[0].at + 2;
  placement_sentence(&log, text, sizeof text);
  assert_string_equal(text,
                      "2 processors, one core: together 1.02 times as fast as one; a cache line is handed over in 26 "
                      "ns; did not move in 2 s");
  add(&log, 2, 2.0, 160);
  add(&log, 2, 1.02, 26);
  log.taken[3].at = log.taken[0].at + 3;
  placement_sentence(&log, text, sizeof text);
  assert_string_equal(text,
                      "2 processors, one core: together 1.02 times as fast as one; a cache line is handed over in 26 "
                      "ns; two cores far apart 1 of 4 times; moved twice in 3 s");
  placement_sentence(&log, small, sizeof small);
  assert_string_equal(small, "2 processors, one c");
  placement_log_free(&log);
}

/* The item, and whether it is warned of. */
static struct environment observed(const struct placement_log *log) {
  struct environment environment;
  const struct machine machine = virtual_machine();
  environment = (struct environment){0};
  for (int i = 0; i < ENVIRONMENT_ITEMS; i++) environment.item[i].id = i ? "another" : "placement";
  environment.item[0].state = ENVIRONMENT_NOT_VISIBLE;
  placement_observe(log, &machine, &environment);
  return environment;
}

static void what_disturbs_is_warned_of(void **unused) {
  (void)unused;
  struct placement_log log = {0};
  struct environment environment = observed(&log);
  assert_true(environment.item[0].state == ENVIRONMENT_NOT_VISIBLE && environment.warnings == 0);
  add(&log, 2, 2.0, 30);
  add(&log, 2, 1.9, 30);
  environment = observed(&log);
  assert_true(environment.item[0].state == ENVIRONMENT_FINE && environment.warnings == 0);
  assert_string_equal(environment.item[0].value, "2 threads were 2 cores each of 2 times");
  add(&log, 2, 1.0, 30);
  environment = observed(&log);
  assert_true(environment.item[0].state == ENVIRONMENT_WARNED && environment.warnings == 1);
  assert_string_equal(environment.item[0].value, "2 threads were 2 cores 2 of 3 times, 1 core 1 of 3 times");
  assert_string_equal(environment.warning[0].id, "placement");
  placement_log_free(&log);
  add(&log, 2, 1.0, 30);
  environment = observed(&log);
  assert_true(environment.item[0].state == ENVIRONMENT_WARNED && environment.warnings == 1);
  placement_log_free(&log);
}

/* ---- the probe -------------------------------------------------------------------------------------------------- */

/* Binds both threads of a team to the processor that this one is on. */
static bool bind_both_to_one(void) {
  const int processor = sched_getcpu();
  int bound = 0;
  cpu_set_t one;
  if (processor < 0 || processor >= CPU_SETSIZE) return false;
  CPU_ZERO(&one);
  CPU_SET((size_t)processor, &one);
#pragma omp parallel num_threads(2) reduction(+ : bound)
  bound += sched_setaffinity(0, sizeof one, &one) == 0;
  return bound == 2;
}

static void two_threads_of_one_processor_are_one_core(void **unused) {
  (void)unused;
  if (!bind_both_to_one()) skip();
  const struct placement_probe probe = placement_probe(2);
  char state[PLACEMENT_STATE];
  placement_state(&probe, 2, state);
  if (strcmp(state, "1 core") != 0) fail_msg("%g cores, %g ns: '%s'", probe.effective_cores, probe.line_ns, state);
  assert_true(isnan(probe.line_ns) || probe.line_ns > 0);
}

static void one_thread_has_nobody_to_feel(void **unused) {
  (void)unused;
  const struct placement_probe probe = placement_probe(1);
  assert_true(isnan(probe.effective_cores) && isnan(probe.line_ns));
}

static void a_team_that_is_too_small_says_nothing(void **unused) {
  (void)unused;
  assert_int_equal(team_given(1), 1);
  if (omp_get_dynamic() || omp_get_thread_limit() > 1) return; /* meson.build runs it with a limit of 1, too */
  assert_int_equal(team_given(2), 1);
  const struct placement_probe probe = placement_probe(2);
  assert_true(isnan(probe.effective_cores) && isnan(probe.line_ns));
}

/* Where the two threads of a team may run. */
static bool read_both(cpu_set_t both[2]) {
  int read = 0;
#pragma omp parallel num_threads(2) reduction(+ : read)
  read += sched_getaffinity(0, sizeof *both, &both[omp_get_thread_num()]) == 0;
  return read == 2;
}

/* The first processor by two names beside another one: the pair of both names is one core, whatever the machine does
 * with the others, and everybody may run where they might before. */
static void pairs_are_measured_and_bindings_kept(void **unused) {
  (void)unused;
  struct machine machine;
  struct placement_log log = {0};
  cpu_set_t before[2], after[2];
  assert_true(machine_open(&machine));
  struct machine_pu pu[3] = {machine.pu[0], machine.pu[0], machine.pu[machine.pus > 1]};
  struct machine made_up = machine;
  made_up.pu = pu, made_up.pus = 3;
  int bound = 0;
#pragma omp parallel num_threads(2) reduction(+ : bound)
  bound += omp_get_thread_num() == 0 ? machine_unbind(&machine) : machine_bind(&machine, 0);
  if (bound != 2 || !read_both(before)) {
    machine_close(&machine);
    skip();
  }
  placement_measure_pairs(&log, &made_up, 0);
  assert_true(log.pairs <= 1); /* as many as were begun in time */
  placement_measure_pairs(&log, &made_up, 600);
  assert_int_equal(log.pairs, 3);
  char state[PLACEMENT_STATE];
  placement_state(&log.pair[0].probe, 2, state);
  assert_string_equal(state, "1 core");
  assert_true(log.pair[0].first == pu[0].os_index && log.pair[2].second == pu[2].os_index);
  assert_true(read_both(after));
  assert_true(CPU_EQUAL(&before[0], &after[0]));
  assert_true(CPU_EQUAL(&before[1], &after[1]));
  made_up.pus = 2;
  placement_log_free(&log);
  placement_measure_pairs(&log, &made_up, 600);
  assert_int_equal(log.pairs, 0); /* two processors are one pair, which every probe is of */
  machine_close(&machine);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(states_have_two_kinds_of_cores),
      cmocka_unit_test(moves_are_counted),
      cmocka_unit_test(the_description_is_the_result_files),
      cmocka_unit_test(nothing_watched_is_described),
      cmocka_unit_test(sentences_say_how_often),
      cmocka_unit_test(what_disturbs_is_warned_of),
      cmocka_unit_test(one_thread_has_nobody_to_feel),
      cmocka_unit_test(a_team_that_is_too_small_says_nothing),
      cmocka_unit_test(pairs_are_measured_and_bindings_kept),
      cmocka_unit_test(two_threads_of_one_processor_are_one_core), /* stays bound */
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
