/* Working sets, limits and intervals, on figures that are known beforehand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "machine/core.h"
#include "measure/levels.h"
#include "measure/row.h"
#include "measure/statistics.h"
#include "verify/judge.h"

#define KIB (1 << 10)
#define MIB (1 << 20)

static struct machine two_cores(void) {
  return (struct machine){
      .cores = 2,
      .pus = 2,
      .smt = 1,
      .cache = {{.bytes = 32 * KIB, .usable_by = 1, .count = 2},
                {.bytes = 1 * MIB, .usable_by = 1, .count = 2},
                {.bytes = 16 * MIB, .usable_by = 2, .count = 1}},
      .memory = {.total = (uint64_t)8 << 30, .available = (uint64_t)4 << 30},
  };
}

static void sets_lie_inside_their_level(void **unused) {
  (void)unused;
  const struct machine machine = two_cores();
  for (int threads = 1; threads <= 2; threads++) {
    assert_true(level_working_set(&machine, LEVEL_L1, threads, 4).bytes == threads * 16 * KIB);
    assert_true(level_working_set(&machine, LEVEL_L2, threads, 4).bytes == threads * 512 * KIB);
    const struct working_set l3 = level_working_set(&machine, LEVEL_L3, threads, 4);
    assert_true(l3.bytes > 2.0 * threads * MIB && l3.bytes < 8.0 * MIB && !l3.border);
    const struct working_set dram = level_working_set(&machine, LEVEL_DRAM, threads, 4);
    assert_true(dram.bytes == 64 * MIB && !dram.shrunk && !dram.border);
  }
}

static void a_dram_set_shrinks_with_the_memory(void **unused) {
  (void)unused;
  struct machine machine = two_cores();
  machine.memory.available = 128 * MIB;
  const struct working_set small = level_working_set(&machine, LEVEL_DRAM, 1, 4);
  assert_true(small.bytes == 32 * MIB && small.shrunk && !small.border);
  machine.memory.available = 40 * MIB;
  const struct working_set border = level_working_set(&machine, LEVEL_DRAM, 1, 4);
  assert_true(border.bytes == 10 * MIB && border.shrunk && border.border);
}

static void levels_that_are_not_there_give_nothing(void **unused) {
  (void)unused;
  struct machine machine = two_cores();
  machine.cache[LEVEL_L3].bytes = 0;
  assert_true(level_working_set(&machine, LEVEL_L3, 1, 4).bytes == 0);
  machine.cache[LEVEL_L2].bytes = 48 * KIB; /* too near to L1 */
  assert_true(level_working_set(&machine, LEVEL_L2, 1, 4).border);
}

static void a_set_lives_in_the_first_level_that_holds_it(void **unused) {
  (void)unused;
  const struct machine machine = two_cores();
  static const struct {
    double bytes;
    int threads, level;
    bool border;
  } sets[] = {
      {16 * KIB, 1, LEVEL_L1, false},   {24 * KIB, 1, LEVEL_L1, true},   {32 * KIB, 1, LEVEL_L1, true},
      {47 * KIB, 1, LEVEL_L2, true},    {48 * KIB, 1, LEVEL_L2, false},  {48 * KIB, 2, LEVEL_L1, true},
      {512 * KIB, 1, LEVEL_L2, false},  {1.5 * MIB, 1, LEVEL_L3, false}, {1.5 * MIB, 2, LEVEL_L2, true},
      {8 * MIB, 2, LEVEL_L3, false},    {16 * MIB, 1, LEVEL_L3, true},   {20 * MIB, 1, LEVEL_DRAM, true},
      {32 * MIB, 2, LEVEL_DRAM, false},
  };
  for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
    const struct residence residence = level_of_set(&machine, sets[i].bytes, sets[i].threads);
    assert_int_equal(residence.level, sets[i].level);
    assert_int_equal(residence.border, sets[i].border);
  }
  const struct machine unseen = {.cores = 1, .pus = 1, .smt = 1};
  assert_int_equal(level_of_set(&unseen, 4 * KIB, 1).level, LEVEL_DRAM);
  assert_false(level_of_set(&unseen, 4 * KIB, 1).border);
}

static void a_sweep_ends_past_twice_the_last_cache(void **unused) {
  (void)unused;
  struct machine machine = two_cores();
  struct sweep_sizes sizes = sweep_sizes(&machine, 1);
  static const double first[] = {4, 6, 8, 12, 16, 24, 32};
  for (size_t i = 0; i < sizeof first / sizeof *first; i++) assert_true(sizes.bytes[i] == first[i] * KIB);
  assert_true(sizes.bytes[sizes.count - 1] == 32 * MIB && !sizes.shortened);
  machine.cache[LEVEL_L3].bytes = 33 * MIB;
  sizes = sweep_sizes(&machine, 2);
  assert_true(sizes.bytes[sizes.count - 1] == 96 * MIB && !sizes.shortened);
  machine.memory.available = 100 * MIB; /* of which a quarter is taken */
  sizes = sweep_sizes(&machine, 1);
  assert_true(sizes.bytes[sizes.count - 1] == 24 * MIB && sizes.shortened);
  const struct machine unseen = {.cores = 1, .pus = 1, .smt = 1};
  sizes = sweep_sizes(&unseen, 1);
  assert_true(sizes.bytes[sizes.count - 1] == 64 * MIB && !sizes.shortened);
}

static void sweep_sizes_have_whole_numbers(void **unused) {
  (void)unused;
  char text[32];
  assert_string_equal(sweep_size_name(4 * KIB, text, sizeof text), "4KiB");
  assert_string_equal(sweep_size_name(768 * KIB, text, sizeof text), "768KiB");
  assert_string_equal(sweep_size_name(1 * MIB, text, sizeof text), "1MiB");
  assert_string_equal(sweep_size_name(1.5 * MIB, text, sizeof text), "1536KiB");
  assert_string_equal(sweep_size_name(96 * MIB, text, sizeof text), "96MiB");
  assert_string_equal(sweep_size_name(1024.0 * MIB, text, sizeof text), "1GiB");
  assert_string_equal(sweep_size_name(1536.0 * MIB, text, sizeof text), "1536MiB");
}

static void the_undisturbed_time_is_the_lower_quartile_of_the_rounds(void **unused) {
  (void)unused;
  /* A burst that slows six of eight rounds down leaves it where it was. */
  const double quiet[] = {5.1, 5, 5.2, 5.1, 5, 5.1, 5.2, 5}, burst[] = {5, 9, 9, 9, 5.1, 9, 9, 9};
  assert_true(undisturbed(quiet, 8).value == 5 && undisturbed(burst, 8).value == 5.1);
  const struct figure one = undisturbed(quiet, 1), far = undisturbed(burst, 8), near = undisturbed(quiet, 8);
  assert_true(one.value == 5.1 && one.low <= 5.1 && one.high >= 5.1);
  const double three[] = {4, 5, 6}; /* too few for the side below: as far as above */
  const struct figure few = undisturbed(three, 3);
  assert_true(few.value == 4 && few.high == 6 && fabs(few.low - 4. * 4 / 6) < 1e-9);
  assert_true(near.low <= near.value && near.value <= near.high);
  assert_true(far.high - far.low > near.high - near.low);
  /* Half as far again below as the smallest, and up to where four in five rounds lie. */
  const double ten[] = {109, 108, 107, 106, 105, 104, 103, 102, 101, 100};
  const struct figure spread = undisturbed(ten, 10);
  assert_true(spread.value == 102 && spread.high == 108 && fabs(spread.low - 102 * pow(100. / 102, 1.5)) < 1e-9);
}

/* Two samples a visit, whose median is `time`. */
enum { VISITS = 8 };
struct visited {
  struct visit visit[VISITS];
  double samples[2 * VISITS], medians[VISITS], scratch[2 * VISITS];
};

static struct rounds visit_eight_times(struct visited *v, const char *const state[VISITS], const double time[VISITS]) {
  for (int i = 0; i < VISITS; i++) {
    v->visit[i] = (struct visit){.count = 2, .felt = {.effective_cores = i, .line_ns = NAN}};
    snprintf(v->visit[i].state, sizeof v->visit[i].state, "%s", state[i]);
    v->samples[2 * i] = 0.9 * time[i];
    v->samples[2 * i + 1] = 1.1 * time[i];
  }
  return (struct rounds){v->visit, VISITS, v->scratch};
}

static void a_figure_is_of_one_state(void **unused) {
  (void)unused;
  static const char *const state[VISITS] = {"1 core", "2 cores", "", "2 cores", "1 core", "2 cores", "2 cores", ""};
  static const double time[VISITS] = {20, 11, 99, 10, 21, 12, 13, 1};
  struct visited v;
  const struct rounds rounds = visit_eight_times(&v, state, time);
  const char *usual = rounds_usual_state(&rounds);
  assert_string_equal(usual, "2 cores");
  const struct in_state in = rounds_in(&rounds, v.samples, usual, v.medians);
  assert_true(in.samples == 8 && fabs(in.time.value - 10) < 1e-9);
  assert_true(in.felt.effective_cores == 4 && isnan(in.felt.line_ns)); /* of 1, 3, 5, 6 */
  struct in_state other[ROW_MOST_OTHERS];
  assert_int_equal(rounds_others(&rounds, v.samples, usual, 3, v.medians, other), 0);
  assert_int_equal(rounds_others(&rounds, v.samples, usual, 2, v.medians, other), 1);
  assert_string_equal(other[0].state, "1 core");
  assert_true(other[0].samples == 4 && fabs(other[0].time.value - 20) < 1e-9);
}

static void a_state_that_was_seen_twice_has_no_figures(void **unused) {
  (void)unused;
  static const char *const state[VISITS] = {"", "2 cores", "", "", "2 cores", "", "", ""};
  static const double time[VISITS] = {8, 7, 6, 5, 4, 3, 2, 1};
  struct visited v;
  const struct rounds rounds = visit_eight_times(&v, state, time);
  assert_null(rounds_usual_state(&rounds));
}

static void ratios_are_of_one_state(void **unused) {
  (void)unused;
  struct row a = {.threads = 2, .usual = {.state = "2 cores"}, .time = {2, 1, 3}};
  struct row b = {.threads = 2, .usual = {.state = "1 core"}, .time = {8, 7, 9}};
  assert_true(isnan(row_ratio(&b, &a)));
  b.other[b.others++] = (struct in_state){.state = "2 cores", .time = {4, 3, 5}};
  assert_true(row_ratio(&b, &a) == 2 && row_ratio(&a, &b) == 0.5);
  b.threads = 1, b.usual.state = NULL;
  assert_true(row_ratio(&b, &a) == 4);
}

static void without_a_known_state_all_visits_count(void **unused) {
  (void)unused;
  static const char *const state[VISITS] = {"", "", "", "", "", "", "", ""};
  static const double time[VISITS] = {8, 7, 6, 5, 4, 3, 2, 1};
  struct visited v;
  const struct rounds rounds = visit_eight_times(&v, state, time);
  assert_null(rounds_usual_state(&rounds));
  const struct in_state in = rounds_in(&rounds, v.samples, NULL, v.medians);
  assert_true(in.samples == 16 && fabs(in.time.value - 2) < 1e-9 && isnan(in.felt.effective_cores));
}

static void a_visit_without_samples_is_none(void **unused) {
  (void)unused;
  static const char *const state[VISITS] = {"1 core", "1 core", "2 cores", "2 cores", "2 cores", "", "", ""};
  static const double time[VISITS] = {1, 1, 2, 2, 2, 3, 3, 3};
  struct visited v;
  const struct rounds rounds = visit_eight_times(&v, state, time);
  v.visit[1].count = 0; /* interrupted before the first: what follows lies where it was */
  memmove(&v.samples[2], &v.samples[4], 12 * sizeof *v.samples);
  assert_string_equal(rounds_usual_state(&rounds), "2 cores");
  assert_true(fabs(rounds_in(&rounds, v.samples, "2 cores", v.medians).time.value - 2) < 1e-9);
}

static void the_median_is_the_middle(void **unused) {
  (void)unused;
  double odd[] = {5, 1, 4, 2, 3}, even[] = {4, 1, 3, 2};
  assert_true(median(odd, 5) == 3 && median(even, 4) == 2.5 && median(even, 1) == 1);
}

static void what_is_attained_is_a_ratio_of_quartiles(void **unused) {
  (void)unused;
  /* Bursts slow some samples of either down, not the same ones: a quarter of each is undisturbed. */
  const double limit[] = {9, 2, 9, 2, 9, 9, 2, 9}, kernel[] = {4, 20, 4, 20, 20, 4, 20, 20};
  assert_true(lower_quartile(limit, 8) == 2 && lower_quartile(kernel, 8) == 4 && lower_quartile(kernel, 1) == 4);
  const struct figure percent = attained_percent(limit, kernel, 8);
  assert_true(percent.value == 50 && percent.low <= 50 && percent.high >= 50);
  const double steady[] = {3, 3, 3, 3, 3, 3, 3};
  const struct figure whole = attained_percent(steady, steady, 7);
  assert_true(whole.low == 100 && whole.value == 100 && whole.high == 100);
}

static void what_takes_longest_alone_binds(void **unused) {
  (void)unused;
  struct core_times times = {.width = 8, .fused = true};
  times.seconds[CORE_FMA] = times.seconds[CORE_OTHER] = times.seconds[CORE_LOAD] = 1;
  times.seconds[CORE_DIVIDE] = 5, times.seconds[CORE_SQRT] = 6, times.seconds[CORE_STORE] = 2;
  struct operations adam = {.width = 8};
  adam.count[OPERATION_FMA] = 4, adam.count[OPERATION_ARITHMETIC] = 4, adam.count[OPERATION_DIVIDE] = 1;
  adam.count[OPERATION_SQRT] = 1, adam.count[OPERATION_LOAD] = 4, adam.count[OPERATION_STORE] = 3;
  assert_int_equal(core_bound_by(&times, &adam), CORE_DIVIDE); /* and roots share a unit: 11 */
  adam.count[OPERATION_ARITHMETIC] = 8;
  assert_int_equal(core_bound_by(&times, &adam), CORE_FMA); /* 12 */
  times.fused = false;                                      /* an addition is half of a multiply-add: 8 */
  assert_int_equal(core_bound_by(&times, &adam), CORE_DIVIDE);
  times.fused = true;
  adam.count[OPERATION_STORE] = 6.5;
  assert_int_equal(core_bound_by(&times, &adam), CORE_STORE);
  adam.count[OPERATION_OTHER] = 14;
  assert_int_equal(core_bound_by(&times, &adam), CORE_OTHER);
}

static void the_slower_twin_is_the_limit(void **unused) {
  (void)unused;
  struct row row = {.status = ROW_MEASURED, .level = LEVEL_L2, .core_description = "FMA", .attainable = {.value = 100}};
  row.twin = 4, row.core_twin = 3;
  assert_true(row_limit(&row) == 3);
  assert_string_equal(row_bound_by(&row), "FMA");
  row.by_memory = true;
  assert_true(row_limit(&row) == 4);
  assert_string_equal(row_bound_by(&row), "L2");
  row.level = LEVEL_L1;
  assert_string_equal(row_bound_by(&row), "load/store");
  row.twin = row.attainable.value = NAN;
  assert_true(!row_has_limit(&row) && !row_bound_by(&row) && row_is_believable(&row) && !row_is_too_good(&row));
}

static void what_is_above_the_limit_is_doubted(void **unused) {
  (void)unused;
  static const struct {
    double low, percent;
    bool too_good, believable;
  } rows[] = {{103, 104, false, true},
              {99, 110, false, true},
              {103.1, 103.5, true, true},
              {149, 150, true, true},
              {150, 150.5, true, false}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const struct row row = {
        .status = ROW_MEASURED, .twin = 1, .attainable = {.value = rows[i].percent, .low = rows[i].low}};
    assert_int_equal(row_is_too_good(&row), rows[i].too_good);
    assert_int_equal(row_is_believable(&row), rows[i].believable);
  }
}

static void ulp_are_those_of_the_larger_term(void **unused) {
  (void)unused;
  assert_true(judge_spacing(1) == 0x1p-23 && judge_spacing(1.5) == 0x1p-23 && judge_spacing(2) == 0x1p-22);
  assert_true(judge_spacing(0) == 0x1p-149 && judge_spacing(1e-40) == 0x1p-149 && judge_spacing(-1) == 0x1p-23);
  assert_true(judge_ulp(1, 0, 1 + 0x1p-23, GM_TYPE_f32) == 1);
  assert_true(judge_ulp(0x1p-20, 1, 0, GM_TYPE_f32) == 8); /* terms near 1 cancelled */
  assert_true(judge_ulp(1, -INFINITY, 7, GM_TYPE_f32) == 0 && isinf(judge_ulp(-2, -2, -2, GM_TYPE_f32)));
  assert_true(judge_ulp(NAN, 0, NAN, GM_TYPE_f32) == 0 && isinf(judge_ulp(NAN, 0, 1, GM_TYPE_f32)));
  assert_true(isinf(judge_ulp(1, 1, NAN, GM_TYPE_f32)) && isinf(judge_ulp(INFINITY, 1, 3e38, GM_TYPE_f32)));
  assert_true(judge_ulp(1e39, 1, INFINITY, GM_TYPE_f32) == 0 && isinf(judge_ulp(1e39, 1, INFINITY, GM_TYPE_f64)));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sets_lie_inside_their_level),
      cmocka_unit_test(a_dram_set_shrinks_with_the_memory),
      cmocka_unit_test(levels_that_are_not_there_give_nothing),
      cmocka_unit_test(a_set_lives_in_the_first_level_that_holds_it),
      cmocka_unit_test(a_sweep_ends_past_twice_the_last_cache),
      cmocka_unit_test(sweep_sizes_have_whole_numbers),
      cmocka_unit_test(the_undisturbed_time_is_the_lower_quartile_of_the_rounds),
      cmocka_unit_test(a_figure_is_of_one_state),
      cmocka_unit_test(a_state_that_was_seen_twice_has_no_figures),
      cmocka_unit_test(ratios_are_of_one_state),
      cmocka_unit_test(without_a_known_state_all_visits_count),
      cmocka_unit_test(a_visit_without_samples_is_none),
      cmocka_unit_test(the_median_is_the_middle),
      cmocka_unit_test(what_is_attained_is_a_ratio_of_quartiles),
      cmocka_unit_test(what_takes_longest_alone_binds),
      cmocka_unit_test(the_slower_twin_is_the_limit),
      cmocka_unit_test(what_is_above_the_limit_is_doubted),
      cmocka_unit_test(ulp_are_those_of_the_larger_term),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
