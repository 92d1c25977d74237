/* Real handwritten digits, where the folder beside the repository holds some: 10,000 of MNIST's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "train/data/folder.h"

enum { EXIT_SKIPPED = 77 };

static const char folder[] = "../shared/data/mnist10k"; /* seen from the repository, where meson runs this test */

static void eight_thousand_train_and_two_thousand_test(void **state) {
  (void)state;
  struct train_test both;
  size_t of[10] = {0};
  double sum = 0;
  assert_true(dataset_from_dir(&both, folder, 10));
  assert_int_equal(both.train.samples, 8000);
  assert_int_equal(both.test.samples, 2000);
  assert_int_equal(both.train.rows, 28);
  assert_int_equal(both.test.columns, 28);
  assert_true(dataset_check(&both.train) && dataset_check(&both.test));
  for (size_t i = 0; i < 2000; i++) of[both.test.label[i]]++;
  for (int digit = 0; digit < 10; digit++) assert_in_range(of[digit], 150, 250);
  for (size_t i = 0; i < 8000 * both.train.features; i++) sum += (double)both.train.feature[i];
  assert_in_range(1000 * sum / (8000 * (double)both.train.features), 120, 140); /* mean ink: 0.13 */
  train_test_free(&both);
}

int main(void) {
  if (access(folder, F_OK) != 0) {
    printf("there is no %s: no real digits to read\n", folder);
    return EXIT_SKIPPED;
  }
  const struct CMUnitTest tests[] = {cmocka_unit_test(eight_thousand_train_and_two_thousand_test)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
