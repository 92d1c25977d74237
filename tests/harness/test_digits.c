/* harness/train/digits.h: the drawn digits are the same everywhere, each by itself, fit to learn from, and the
 * same again when they come from files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "folder.h"
#include "made_up_idx.h"
#include "train/digits.h"
#include "train/idx.h"

enum { SEED = 1 };

/* FNV-1a. */
static uint64_t hash(uint64_t sum, const uint8_t *byte, size_t count) {
  for (size_t i = 0; i < count; i++) sum = (sum ^ byte[i]) * 0x100000001b3U;
  return sum;
}

static uint64_t hash_of(uint64_t seed, size_t count) {
  uint64_t sum = 0xcbf29ce484222325U;
  for (size_t i = 0; i < count; i++) {
    uint8_t byte[DIGITS_PIXELS + 1];
    byte[DIGITS_PIXELS] = (uint8_t)digits_draw(byte, seed, i);
    sum = hash(sum, byte, sizeof byte);
  }
  return sum;
}

/* Whatever the compiler and its options. Who changes how digits look writes the new hash here, and the figures that
 * training reached with the old ones are no longer to be compared. */
static void every_machine_draws_the_same(void **state) {
  (void)state;
  assert_int_equal(hash_of(SEED, 4000), 0x036a2730d63b0cc6U);
  assert_int_not_equal(hash_of(SEED, 10), hash_of(SEED + 1, 10));
}

static void a_picture_depends_on_no_other(void **state) {
  (void)state;
  uint8_t once[DIGITS_PIXELS], again[DIGITS_PIXELS];
  const unsigned digit = digits_draw(once, SEED, 77);
  for (uint64_t i = 70; i <= 77; i++) assert_true(digits_draw(again, SEED, i) < 10);
  assert_int_equal(digits_draw(again, SEED, 77), digit);
  assert_memory_equal(once, again, sizeof once);
  digits_draw(again, SEED + 1, 76);
  assert_memory_not_equal(once, again, sizeof once);
}

/* Also with seeds and indices that no one expects. */
static void every_picture_shows_something(void **state) {
  static const uint64_t numbers[] = {0, 1, 1000, UINT32_MAX, UINT64_MAX};
  (void)state;
  for (size_t seed = 0; seed < 5; seed++) {
    for (uint64_t i = 0; i < 200; i++) {
      uint8_t pixel[DIGITS_PIXELS];
      unsigned ink = 0;
      assert_true(digits_draw(pixel, numbers[seed], numbers[i % 5] + i) < 10);
      for (size_t k = 0; k < DIGITS_PIXELS; k++) ink += pixel[k] > 127;
      assert_in_range(ink, 8, DIGITS_PIXELS / 2);
    }
  }
}

static void a_set_is_these_pictures(void **state) {
  (void)state;
  enum { TRAIN = 5000, TEST = 1000 };
  struct training_data both;
  size_t of[10] = {0};
  assert_true(digits_make(&both, TRAIN, TEST, SEED));
  assert_int_equal(both.train.count, TRAIN);
  assert_int_equal(both.test.count, TEST);
  assert_int_equal(both.test.rows * both.test.columns, both.test.features);
  assert_int_equal(both.train.classes, 10);
  assert_true(samples_check(&both.train) && samples_check(&both.test));
  for (size_t i = 0; i < TRAIN; i++) of[both.train.label[i]]++;
  for (int digit = 0; digit < 10; digit++) assert_in_range(of[digit], TRAIN / 10 * 4 / 5, TRAIN / 10 * 6 / 5);
  for (size_t i = 0; i < TEST; i += 99) {
    uint8_t pixel[DIGITS_PIXELS];
    float feature[DIGITS_PIXELS];
    assert_int_equal(digits_draw(pixel, SEED, TRAIN + i), both.test.label[i]);
    samples_set_pixels(feature, pixel, DIGITS_PIXELS);
    assert_memory_equal(feature, both.test.feature + i * DIGITS_PIXELS, sizeof feature);
  }
  samples_free(&both.train);
  samples_free(&both.test);
}

/* The pictures first .. first + count - 1 as MNIST's files have them; `packed` by gzip. */
static void write_digits(const char *part, uint32_t first, uint32_t count, bool packed) {
  struct bytes file[2] = {made_up_images(count, DIGITS_SIDE, DIGITS_SIDE), made_up_labels(count)};
  for (size_t i = 0; i < count; i++)
    file[1].data[8 + i] = (unsigned char)digits_draw(file[0].data + 16 + i * DIGITS_PIXELS, SEED, first + i);
  for (int k = 0; k < 2; k++) {
    char name[64];
    snprintf(name, sizeof name, "%s-%s-ubyte%s", part, k ? "labels-idx1" : "images-idx3", packed ? ".gz" : "");
    made_up_file(name, packed ? made_up_gzip(file[k]) : file[k]);
  }
}

static void assert_same_set(const struct samples *set, const struct samples *wanted) {
  assert_int_equal(set->count, wanted->count);
  assert_int_equal(set->rows, DIGITS_SIDE);
  assert_int_equal(set->columns, DIGITS_SIDE);
  assert_memory_equal(set->label, wanted->label, wanted->count * sizeof *wanted->label);
  assert_memory_equal(set->feature, wanted->feature, wanted->count * DIGITS_PIXELS * sizeof *wanted->feature);
}

/* Two files are divided, of four each pair is what it is called. */
static void files_of_digits_are_the_same_set(void **state) {
  (void)state;
  enum { TRAIN = 800, TEST = 200 };
  struct training_data drawn, read;
  assert_true(digits_make(&drawn, TRAIN, TEST, SEED));
  for (int packed = 0; packed < 2; packed++)
    for (int four = 0; four < 2; four++) {
      folder_enter(NULL);
      if (four) write_digits("train", 0, TRAIN, packed);
      write_digits("t10k", four ? TRAIN : 0, four ? TEST : TRAIN + TEST, packed);
      assert_true(idx_read_folder(&read, ".", drawn.train.classes));
      assert_true(samples_check(&read.train) && samples_check(&read.test));
      assert_same_set(&read.train, &drawn.train);
      assert_same_set(&read.test, &drawn.test);
      samples_free(&read.train);
      samples_free(&read.test);
      folder_leave(NULL);
    }
  samples_free(&drawn.train);
  samples_free(&drawn.test);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_machine_draws_the_same),     cmocka_unit_test(a_picture_depends_on_no_other),
      cmocka_unit_test(every_picture_shows_something),    cmocka_unit_test(a_set_is_these_pictures),
      cmocka_unit_test(files_of_digits_are_the_same_set),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
