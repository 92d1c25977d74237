/* harness/train/schedule.h: learning rates worked out by hand, and texts that are refused. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "folder.h"
#include "train/schedule.h"

/* Ten steps an epoch, ten epochs, and a learning rate of 0.5: `share` of it is left for the step after `step` others.
 */
enum { EPOCH_STEPS = 10, ALL_STEPS = 100 };

static const struct worked_out {
  const char *text;
  size_t step;
  double share;
} worked_out[] = {
    {"constant", 0, 1},
    {"constant", 99, 1},
    {"inverse_time", 0, 1},
    {"inverse_time", 5, 0.8}, /* 1 / (1 + 0.5 0.5) */
    {"inverse_time", 20, 0.5},
    {"inverse_time:rate=3", 10, 0.25},
    {"inverse_time:rate=0", 99, 1},
    {"step", 0, 1},
    {"step", 29, 1},
    {"step", 30, 0.1},
    {"step", 59, 0.1},
    {"step", 60, 0.01},
    {"step", 99, 0.001},
    {"step:every=1,factor=0.5", 9, 1},
    {"step:every=1,factor=0.5", 10, 0.5},
    {"step:every=1,factor=0.5", 39, 0.125},
    {"step:factor=0.5,every=1.5", 14, 1},
    {"step:factor=0.5,every=1.5", 15, 0.5},
    {"step:factor=0", 29, 1},
    {"step:factor=0", 30, 0},
    {"exponential", 9, 1},
    {"exponential", 10, 0.9},
    {"exponential", 25, 0.81},
    {"exponential:factor=0.5", 99, 1.0 / 512},
    {"cosine", 0, 1},
    {"cosine", 25, 0.85355339059327376}, /* (1 + cos 45 degrees) / 2 */
    {"cosine", 50, 0.5},
    {"cosine", 75, 0.14644660940672624},
    {"cosine:floor=0.2", 0, 1},
    {"cosine:floor=0.2", 50, 0.6},
    {"cosine:floor=1", 70, 1},
    {"warmup", 0, 0.1},
    {"warmup", 4, 0.5},
    {"warmup", 8, 0.9},
    {"warmup", 9, 1},
    {"warmup", 99, 1},
    {"warmup:share=0.5", 24, 0.5},
    {"warmup:share=0", 0, 1},
    {"warmup:share=0.015", 0, 2.0 / 3},
    {"warmup:share=0.015", 1, 1},
};

static struct schedule read_schedule(const char *text) {
  struct schedule schedule;
  complaint_begin();
  const bool read = schedule_read(&schedule, text);
  complaint_end(NULL);
  assert_true(read);
  return schedule;
}

static void rates_worked_out_by_hand(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof worked_out / sizeof *worked_out; i++) {
    const struct schedule schedule = read_schedule(worked_out[i].text);
    const double lr = schedule_lr(&schedule, 0.5, worked_out[i].step, ALL_STEPS, EPOCH_STEPS);
    const double expected = 0.5 * worked_out[i].share;
    if (fabs(lr - expected) > 1e-15 * expected + 1e-17)
      fail_msg("%s at %zu: %.17g, not %.17g", worked_out[i].text, worked_out[i].step, lr, expected);
  }
}

static void rates_never_leave_what_was_given(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof worked_out / sizeof *worked_out; i++) {
    const struct schedule schedule = read_schedule(worked_out[i].text);
    double before = schedule.kind == SCHEDULE_WARMUP ? 0 : 0.5;
    for (size_t step = 0; step < ALL_STEPS; step++) {
      const double lr = schedule_lr(&schedule, 0.5, step, ALL_STEPS, EPOCH_STEPS);
      assert_true(lr >= 0 && lr <= 0.5);
      assert_true(schedule.kind == SCHEDULE_WARMUP ? lr >= before : lr <= before);
      before = lr;
    }
  }
}

/* A text that needs no end gives the same rates however long the training is. */
static void only_two_depend_on_the_end(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof worked_out / sizeof *worked_out; i++) {
    const struct schedule schedule = read_schedule(worked_out[i].text);
    assert_int_equal(schedule_needs_end(&schedule),
                     schedule.kind == SCHEDULE_COSINE || schedule.kind == SCHEDULE_WARMUP);
    if (schedule_needs_end(&schedule)) continue;
    for (size_t step = 0; step < ALL_STEPS; step++)
      assert_true(schedule_lr(&schedule, 0.5, step, ALL_STEPS, EPOCH_STEPS) ==
                  schedule_lr(&schedule, 0.5, step, 7 * ALL_STEPS, EPOCH_STEPS));
  }
}

static void what_is_not_known_is_refused(void **state) {
  (void)state;
  static const struct {
    const char *text, *why;
  } wrong[] = {
      {"", "constant, inverse_time, step, exponential, cosine or warmup"},
      {"linear", "constant, inverse_time, step, exponential, cosine or warmup"},
      {"ste", "constant, inverse_time, step, exponential, cosine or warmup"},
      {"steps", "constant, inverse_time, step, exponential, cosine or warmup"},
      {"Step", "constant, inverse_time, step, exponential, cosine or warmup"},
      {"step ", "constant, inverse_time, step, exponential, cosine or warmup"},
      {"step,every=3", "constant, inverse_time, step, exponential, cosine or warmup"},
      {"constant:rate=1", "constant has no values"},
      {"step:", "every and factor"},
      {"step:every", "every and factor"},
      {"step:rate=1", "every and factor"},
      {"step:every=3,", "every and factor"},
      {"step:,every=3", "every and factor"},
      {"step:every=3 factor=0.1", "every must be a number between 1 and 1e+06"},
      {"step:every=", "every must be a number between 1 and 1e+06"},
      {"step:every=0", "every must be a number between 1 and 1e+06"},
      {"step:every=-3", "every must be a number between 1 and 1e+06"},
      {"step:every=nan", "every must be a number between 1 and 1e+06"},
      {"step:every=inf", "every must be a number between 1 and 1e+06"},
      {"step:every=3x", "every must be a number between 1 and 1e+06"},
      {"step:factor=1.1", "factor must be a number between 0 and 1"},
      {"exponential:factor=-0.1", "factor must be a number between 0 and 1"},
      {"cosine:floor=2", "floor must be a number between 0 and 1"},
      {"warmup:share=1.5", "share must be a number between 0 and 1"},
      {"inverse_time:rate=-1", "rate must be a number between 0 and 1e+06"},
  };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    struct schedule schedule;
    complaint_begin();
    const bool read = schedule_read(&schedule, wrong[i].text);
    complaint_end(wrong[i].why);
    assert_false(read);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rates_worked_out_by_hand),
      cmocka_unit_test(rates_never_leave_what_was_given),
      cmocka_unit_test(only_two_depend_on_the_end),
      cmocka_unit_test(what_is_not_known_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
