/* The reader of folders of IDX files, fuzzed: sound ones, plain and packed, with their headers, bytes and packing
 * changed at random, and with files that do not fit each other or are missing (fuzz_idx.c looks at one file closely). A
 * second, simple judge of the plain bytes says what must be accepted and what not: what is accepted holds what the
 * files say; what is refused is refused in one sentence. Sanitizers see the rest. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "folder.h"
#include "fuzz.h"
#include "made_up_idx.h"
#include "train/idx.h"

enum { CASES = 10000, FILES = 4, ROOM = 1 << 18, MOST_CHANGES = 3 };

/* Train images and labels, then those of the test; without the first two, the last two are divided. */
static const char *const names[FILES] = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
                                         "t10k-labels-idx1-ubyte"};

struct file {
  unsigned char *plain; /* before it was packed */
  size_t count;
  bool is_there;
  bool is_damaged; /* changed after it was packed */
  bool is_cut;     /* and nothing but the end is missing */
};

/* ---- making folders ---------------------------------------------------------------------------------------------- */

static void change(struct random *random, struct bytes *bytes) {
  static unsigned char room[ROOM];
  struct fuzz_bytes changed = {room, bytes->count, sizeof room};
  if (bytes->count > sizeof room) return;
  memcpy(room, bytes->data, bytes->count);
  for (size_t changes = 1 + random_below(random, MOST_CHANGES); changes; changes--) fuzz_change(random, &changed);
  unsigned char *data = realloc(bytes->data, changed.count + 1);
  assert_non_null(data);
  bytes->data = data;
  memcpy(data, room, changed.count);
  bytes->count = changed.count;
}

/* True if a part of the beginning is what is left. */
static bool change_packed(struct random *random, struct bytes *bytes) {
  struct bytes before = {malloc(bytes->count), bytes->count};
  assert_non_null(before.data);
  memcpy(before.data, bytes->data, before.count);
  change(random, bytes);
  const bool is_cut = bytes->count < before.count && memcmp(bytes->data, before.data, bytes->count) == 0;
  free(before.data);
  return is_cut;
}

static bool often(struct random *random) { return !fuzz_once_in(random, 3); }

/* Sizes that mostly fit each other; one in many is larger than what is read at once. */
static struct bytes sound(struct random *random, bool is_images, uint32_t count, uint32_t side) {
  if (fuzz_once_in(random, 12)) count++;
  if (!is_images) return made_up_labels(count);
  const uint32_t taller = fuzz_once_in(random, 8), wider = fuzz_once_in(random, 8);
  const struct bytes images = made_up_images(count, side + taller, side + wider);
  if (images.count > 1 << 12) /* does not pack well, so that it is large when packed, too */
    for (size_t i = 16; i < images.count; i++) images.data[i] = (unsigned char)random_bits(random);
  return images;
}

static void make_file(struct random *random, struct file *file, const char *name, struct bytes bytes) {
  char path[64];
  if (!often(random)) change(random, &bytes);
  file->plain = malloc(bytes.count + 1);
  assert_non_null(file->plain);
  memcpy(file->plain, bytes.data, bytes.count);
  file->count = bytes.count, file->is_there = true, file->is_damaged = file->is_cut = false;
  const bool packed = fuzz_once_in(random, 2);
  if (packed) {
    bytes = made_up_gzip(bytes);
    file->is_damaged = !often(random);
    if (file->is_damaged) file->is_cut = change_packed(random, &bytes);
  }
  snprintf(path, sizeof path, "%s%s", name, packed && often(random) ? ".gz" : "");
  made_up_file(path, bytes);
}

static void make_folder(struct random *random, struct file file[FILES]) {
  const bool only_test = fuzz_once_in(random, 2);
  const uint32_t side = (uint32_t)(1 + random_below(random, 6)), test = fuzz_once_in(random, 20) ? 1 : 6;
  memset(file, 0, FILES * sizeof *file);
  for (int i = only_test ? 2 : 0; i < FILES; i++) {
    const uint32_t count = i < 2 || fuzz_once_in(random, 60) ? 13 : test;
    const uint32_t many = i == 2 && fuzz_once_in(random, 40) ? 90000 / (side * side) : count;
    if (!fuzz_once_in(random, 60)) make_file(random, &file[i], names[i], sound(random, i % 2 == 0, many, side));
  }
}

static void forget_folder(struct file file[FILES]) {
  for (int i = 0; i < FILES; i++) {
    char packed[64];
    snprintf(packed, sizeof packed, "%s.gz", names[i]);
    unlink(packed);
    unlink(names[i]);
    free(file[i].plain);
  }
}

/* ---- what must hold ---------------------------------------------------------------------------------------------- */

static uint64_t number_at(const unsigned char *data) {
  return (uint64_t)data[0] << 24 | (uint64_t)data[1] << 16 | (uint64_t)data[2] << 8 | data[3];
}

/* Whether the plain bytes are an IDX file. */
static bool is_idx(const struct file *file, unsigned char dimensions) {
  const size_t header = 4 + 4 * (size_t)dimensions;
  const unsigned char head[4] = {0, 0, 8, dimensions};
  if (file->count < header || memcmp(file->plain, head, 4) != 0) return false;
  uint64_t product = 1;
  for (unsigned k = 0; k < dimensions; k++) {
    product *= number_at(file->plain + 4 + 4 * (size_t)k);
    if (product == 0 || product > ROOM) return false;
  }
  return header + product == file->count;
}

static bool is_pair(const struct file *images, const struct file *labels) {
  if (!images->is_there || !labels->is_there || !is_idx(images, 3) || !is_idx(labels, 1)) return false;
  for (size_t i = 8; i < labels->count; i++)
    if (labels->plain[i] >= MADE_UP_CLASSES) return false;
  return number_at(images->plain + 4) == number_at(labels->plain + 4);
}

/* What the files' plain bytes deserve. */
static bool is_sound(const struct file file[FILES]) {
  if (!is_pair(&file[2], &file[3])) return false;
  if (!file[0].is_there && !file[1].is_there) return number_at(file[2].plain + 4) > 1;
  return is_pair(&file[0], &file[1]) && memcmp(file[0].plain + 8, file[2].plain + 8, 8) == 0;
}

static const char *wrong_with_set(const struct samples *set, const struct file *images, const struct file *labels,
                                  size_t first) {
  const size_t rows = number_at(images->plain + 8), columns = number_at(images->plain + 12);
  if (set->rows != rows || set->columns != columns || set->features != rows * columns) return "the image's size";
  if (set->count == 0 || first + set->count > number_at(images->plain + 4)) return "the number of samples";
  if (set->classes != MADE_UP_CLASSES) return "the number of classes";
  for (size_t i = 0; i < set->count; i++)
    if (set->label[i] != labels->plain[8 + first + i]) return "a label";
  for (size_t k = 0; k < set->count * set->features; k++)
    if (set->feature[k] != (float)images->plain[16 + first * set->features + k] / 255.0f) return "a feature";
  return samples_check(set) ? NULL : "samples_check";
}

static const char *wrong_with(const struct training_data *both, const struct file file[FILES]) {
  const int train = file[0].is_there ? 0 : 2;
  const size_t all = number_at(file[2].plain + 4), first = train ? both->train.count : 0;
  if (both->test.count != all - first) return "the number of samples to judge by";
  if (train && (both->train.count * 5 > all * 4 || both->train.count * 5 + 5 <= all * 4)) return "the division";
  const char *wrong = wrong_with_set(&both->train, &file[train], &file[train + 1], 0);
  return wrong ? wrong : wrong_with_set(&both->test, &file[2], &file[3], first);
}

static void nothing_but_data_sets_and_sentences(void **state) {
  (void)state;
  struct fuzz fuzz;
  uint64_t accepted = 0, divided = 0;
  fuzz_begin(&fuzz, CASES);
  while (fuzz_next(&fuzz)) {
    struct file file[FILES];
    struct training_data both;
    bool damaged = false, cut = false;
    make_folder(&fuzz.random, file);
    for (int i = 0; i < FILES; i++) damaged = damaged || file[i].is_damaged, cut = cut || file[i].is_cut;
    complaint_begin();
    const bool read = idx_read_folder(&both, ".", MADE_UP_CLASSES);
    const char *wrong = complaint_wrong(read ? NULL : "'");
    if (!wrong && read && cut) wrong = "a packed file without its end was accepted";
    if (!wrong && read && !is_sound(file)) wrong = "a wrong folder was accepted";
    if (!wrong && !read && !damaged && is_sound(file)) wrong = "a sound folder was refused";
    if (!wrong && read) wrong = wrong_with(&both, file);
    if (!read && (both.train.memory || both.test.memory)) wrong = "something is left of a refused folder";
    if (wrong) fail_msg("seed %" PRIu64 ": %s", fuzz.seed, wrong);
    accepted += read, divided += read && !file[0].is_there;
    samples_free(&both.train);
    samples_free(&both.test);
    forget_folder(file);
  }
  printf("%" PRIu64 " folders, %" PRIu64 " of them accepted, %" PRIu64 " of these divided\n", fuzz.tried, accepted,
         divided);
  if (fuzz_tried_many(&fuzz)) assert_true(divided > 0 && divided < accepted && accepted < fuzz.tried);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(nothing_but_data_sets_and_sentences, folder_enter, folder_leave),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
