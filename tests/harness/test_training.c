/* The pieces of a training that can be looked at by themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants these four before it. */
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "train/known_solution.h"
#include "train/model.h"
#include "train/outcome.h"
#include "train/samples.h"

static void near(double got, double expected, double tolerance) {
  if (!(fabs(got - expected) <= tolerance)) fail_msg("%.12g is not %.12g within %g", got, expected, tolerance);
}

/* ---- the order of the samples ----------------------------------------------------------------------------------- */

static void an_order_is_a_permutation(void **unused) {
  (void)unused;
  enum { COUNT = 1000 };
  uint32_t order[COUNT];
  bool seen[COUNT] = {false};
  samples_order(order, COUNT, 1, 0, true);
  size_t in_place = 0;
  for (size_t i = 0; i < COUNT; i++) {
    assert_true(order[i] < COUNT && !seen[order[i]]);
    seen[order[i]] = true;
    in_place += order[i] == i;
  }
  assert_true(in_place < 10); /* one is expected */
}

static void an_order_depends_on_seed_and_epoch_alone(void **unused) {
  (void)unused;
  enum { COUNT = 100 };
  uint32_t first[COUNT], again[COUNT];
  samples_order(first, COUNT, 5, 3, true);
  samples_order(again, COUNT, 5, 3, true);
  assert_memory_equal(first, again, sizeof first);
  samples_order(again, COUNT, 5, 4, true);
  assert_memory_not_equal(first, again, sizeof first);
  samples_order(again, COUNT, 6, 3, true);
  assert_memory_not_equal(first, again, sizeof first);
  samples_order(again, COUNT, 6, 3, false);
  for (uint32_t i = 0; i < COUNT; i++) assert_int_equal(again[i], i);
}

/* ---- the model's memory ----------------------------------------------------------------------------------------- */

static void tensors_lie_on_lines_and_do_not_meet(void **unused) {
  (void)unused;
  const struct model m = model_make((const size_t[]){5, 3, 10}, 3, activation_named("tanh"), LOSS_SOFTMAX_XENT, true);
  assert_int_equal(m.layers, 2);
  assert_int_equal(m.parameters, 5 * 3 + 3 + 3 * 10 + 10);
  const size_t begin[] = {m.layer[0].weights, m.layer[0].bias, m.layer[1].weights, m.layer[1].bias, m.floats};
  const size_t count[] = {15, 3, 30, 10};
  for (int i = 0; i < 4; i++) {
    assert_int_equal(begin[i] % 16, 0);
    assert_true(begin[i] + count[i] <= begin[i + 1]);
  }
  assert_int_equal(m.trained, m.floats);
}

static void a_bias_that_is_not_there_is_not_trained(void **unused) {
  (void)unused;
  const struct model m = model_make((const size_t[]){1, 1}, 2, activation_named("relu"), LOSS_MSE, false);
  assert_int_equal(m.parameters, 1);
  assert_true(m.layer[0].bias >= m.trained && m.layer[0].bias < m.floats);
}

static void parameters_begin_within_their_reach(void **unused) {
  (void)unused;
  const struct model m = model_make((const size_t[]){300, 100}, 2, activation_named("relu"), LOSS_SOFTMAX_XENT, true);
  const double reach[INITS] = {sqrt(6.0 / 400), sqrt(6.0 / 300), 1 / sqrt(300), 0};
  float *params = malloc(m.floats * sizeof *params);
  assert_non_null(params);
  for (int init = 0; init < INITS; init++) {
    init_params(&m, (enum init)init, 9, params);
    double largest = 0, sum = 0, squares = 0;
    for (size_t i = 0; i < 30000; i++) {
      const double w = params[m.layer[0].weights + i];
      largest = fmax(largest, fabs(w)), sum += w, squares += w * w;
    }
    assert_true(largest <= reach[init] * (1 + 1e-7) && largest >= 0.99 * reach[init]);
    near(sum / 30000, 0, reach[init] * 0.02);
    near(squares / 30000, reach[init] * reach[init] / 3, reach[init] * reach[init] * 0.02);
    for (size_t i = m.layer[0].bias; i < m.layer[0].bias + 100; i++)
      if (init != INIT_UNIFORM) assert_true(params[i] == 0);
    for (size_t i = m.layer[0].bias + 100; i < m.floats; i++) assert_true(params[i] == 0);
  }
  free(params);
}

/* ---- known solutions -------------------------------------------------------------------------------------------- */

/* y = 1 + 2 x exactly, at x = -1, 0, 1, 2. */
static float line_x[] = {-1, 0, 1, 2}, line_y[] = {-1, 1, 3, 5};
static const struct samples line = {.count = 4, .features = 1, .feature = line_x, .target = line_y};

static void least_squares_finds_a_line(void **unused) {
  (void)unused;
  double solution[2];
  assert_true(known_least_squares(&line, 0, solution));
  near(solution[0], 2, 1e-12);
  near(solution[1], 1, 1e-12);
}

/* With x centred, mean x^2 = 5/4 and mean xy = 5/2, the bias stays the mean of y - w x:
 *   ridge   2 (5/4) w + l2 w = 2 (5/2), w = 5 / (5/2 + l2)
 *   lasso   2 (5/4) w + l1 = 2 (5/2),  w = (5 - l1) / (5/2) */
static void penalties_shrink_as_they_should(void **unused) {
  (void)unused;
  double solution[2];
  assert_true(known_least_squares(&line, 2.5, solution));
  near(solution[0], 1, 1e-12);
  near(solution[1], 2 - 1 * 0.5, 1e-12);
  known_lasso(&line, 1, solution);
  near(solution[0], 1.6, 1e-9);
  near(solution[1], 2 - 1.6 * 0.5, 1e-9);
  known_lasso(&line, 5, solution);
  assert_true(solution[0] == 0);
}

static void singular_equations_are_refused(void **unused) {
  (void)unused;
  static float same[] = {1, 1, 1, 1};
  double solution[2];
  const struct samples s = {.count = 4, .features = 1, .feature = same, .target = line_y};
  assert_false(known_least_squares(&s, 0, solution));
}

/* At x = 0 one of two is of class 1, at x = 1 three of four: logit 0 and log 3. */
static void logistic_regression_meets_the_odds(void **unused) {
  (void)unused;
  static float x[] = {0, 0, 1, 1, 1, 1}, y[] = {0, 1, 0, 1, 1, 1};
  double solution[2];
  assert_true(known_logistic(&(struct samples){.count = 6, .features = 1, .feature = x, .target = y}, solution));
  near(solution[0], log(3), 1e-10);
  near(solution[1], 0, 1e-10);
  static float apart[] = {0, 0, 1, 1, 1, 1}, sure[] = {0, 0, 1, 1, 1, 1};
  assert_false(
      known_logistic(&(struct samples){.count = 6, .features = 1, .feature = apart, .target = sure}, solution));
}

/* ---- the same bits ---------------------------------------------------------------------------------------------- */

static struct outcome ended(bool fused, bool fast, uint64_t hash) {
  return (struct outcome){.part = "", .spec.optimizer = "adam", .fused = fused, .fast = fast, .hash = hash};
}

static void only_fused_and_exact_ones_must_end_alike(void **unused) {
  (void)unused;
  enum { COUNT = 4 };
  struct outcome *all = calloc(COUNT, sizeof *all);
  assert_non_null(all);
  all[0] = ended(false, false, 1);
  all[1] = ended(true, false, 2);
  all[2] = ended(true, true, 3);
  all[3] = ended(true, false, 2);
  assert_ptr_equal(reproducibility_reference(all, COUNT, &all[0]), &all[1]);
  assert_null(reproducibility_fault(all, COUNT));
  all[3].hash = 4;
  assert_ptr_equal(reproducibility_fault(all, COUNT), &all[3]);
  all[3].record.step = 1; /* it was interrupted, say */
  assert_null(reproducibility_fault(all, COUNT));
  all[3].spec.optimizer = "sgd";
  assert_true(reproducibility_begins(all, COUNT, 0));
  assert_false(reproducibility_begins(all, COUNT, 2)); /* two come before it */
  assert_false(reproducibility_begins(all, COUNT, 3)); /* alone */
  free(all);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_order_is_a_permutation),
      cmocka_unit_test(an_order_depends_on_seed_and_epoch_alone),
      cmocka_unit_test(tensors_lie_on_lines_and_do_not_meet),
      cmocka_unit_test(a_bias_that_is_not_there_is_not_trained),
      cmocka_unit_test(parameters_begin_within_their_reach),
      cmocka_unit_test(least_squares_finds_a_line),
      cmocka_unit_test(penalties_shrink_as_they_should),
      cmocka_unit_test(singular_equations_are_refused),
      cmocka_unit_test(logistic_regression_meets_the_odds),
      cmocka_unit_test(only_fused_and_exact_ones_must_end_alike),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
