/* harness/train/idx.h: data sets from IDX files, sound ones and every kind of wrong one. */
#define _GNU_SOURCE
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "folder.h"
#include "made_up_idx.h"
#include "train/idx.h"

static const char images[] = "t10k-images-idx3-ubyte", labels[] = "t10k-labels-idx1-ubyte";

static struct training_data assert_read(void) {
  struct training_data both;
  complaint_begin();
  const bool read = idx_read_folder(&both, ".", MADE_UP_CLASSES);
  complaint_end(NULL);
  assert_true(read);
  assert_true(samples_check(&both.train));
  assert_true(samples_check(&both.test));
  return both;
}

static void assert_refused(const char *why) {
  struct training_data both;
  complaint_begin();
  const bool read = idx_read_folder(&both, ".", MADE_UP_CLASSES);
  complaint_end(why);
  assert_false(read);
  assert_null(both.train.memory);
  assert_null(both.test.memory);
}

static void assert_idx_refused(const char *name, unsigned dimensions, const char *why) {
  struct idx idx;
  complaint_begin();
  const bool read = idx_read(&idx, name, dimensions);
  complaint_end(why);
  assert_false(read);
  assert_null(idx.byte);
}

/* The whole of `set` is what made_up_images and made_up_labels make, from pixel `first` and label `first_label` on. */
static void assert_made_up(const struct samples *set, size_t samples, size_t first_sample) {
  assert_int_equal(set->count, samples);
  assert_int_equal(set->rows, 3);
  assert_int_equal(set->columns, 5);
  assert_int_equal(set->features, 15);
  assert_int_equal(set->classes, MADE_UP_CLASSES);
  for (size_t i = 0; i < samples; i++) {
    assert_int_equal(set->label[i], (first_sample + i) % MADE_UP_CLASSES);
    for (size_t k = 0; k < 15; k++)
      assert_true(set->feature[i * 15 + k] == (float)(((first_sample + i) * 15 + k) % 251) / 255.0f);
  }
}

/* ---- sound files ---------------------------------------------------------------------------------------------- */

static void four_files_are_read_under_each_name(void **state) {
  static const char *const form[][2] = {{"-", ""}, {"-", ".gz"}, {".", ""}, {".", ".gz"}};
  (void)state;
  for (size_t f = 0; f < 4; f++) {
    folder_enter(NULL);
    for (int part = 0; part < 4; part++) {
      const uint32_t count = part < 2 ? 70 : 30;
      char name[64];
      snprintf(name, sizeof name, "%s-%s%sidx%d-ubyte%s", part < 2 ? "train" : "t10k", part % 2 ? "labels" : "images",
               form[f][0], part % 2 ? 1 : 3, form[f][1]);
      const struct bytes file = part % 2 ? made_up_labels(count) : made_up_images(count, 3, 5);
      made_up_file(name, form[f][1][0] ? made_up_gzip(file) : file);
    }
    struct training_data both = assert_read();
    assert_made_up(&both.train, 70, 0);
    assert_made_up(&both.test, 30, 0);
    assert_int_equal((uintptr_t)both.train.feature % 64, 0);
    samples_free(&both.train);
    samples_free(&both.test);
    folder_leave(NULL);
  }
}

static void four_fifths_of_t10k_train_where_there_is_no_more(void **state) {
  static const struct { uint32_t all, train; } cases[] = {{10, 8}, {2, 1}, {3, 2}, {7, 5}, {1004, 803}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    made_up_file(images, made_up_images(cases[i].all, 3, 5));
    made_up_file(labels, made_up_labels(cases[i].all));
    struct training_data both = assert_read();
    assert_made_up(&both.train, cases[i].train, 0);
    assert_made_up(&both.test, cases[i].all - cases[i].train, cases[i].train);
    samples_free(&both.train);
    samples_free(&both.test);
  }
}

/* As `cat a.gz b.gz` makes. */
static void members_of_gzip_follow_each_other(void **state) {
  (void)state;
  const struct bytes whole = made_up_images(10, 3, 5);
  struct bytes part[2];
  for (int i = 0; i < 2; i++) {
    const size_t begin = i ? 77 : 0, end = i ? whole.count : 77;
    part[i] = (struct bytes){malloc(end - begin), end - begin};
    memcpy(part[i].data, whole.data + begin, end - begin);
    part[i] = made_up_gzip(part[i]);
  }
  part[0].data = realloc(part[0].data, part[0].count + part[1].count);
  assert_non_null(part[0].data);
  memcpy(part[0].data + part[0].count, part[1].data, part[1].count);
  part[0].count += part[1].count;
  made_up_file(images, part[0]);
  made_up_file(labels, made_up_labels(10));
  free(part[1].data);
  free(whole.data);
  struct training_data both = assert_read();
  assert_made_up(&both.train, 8, 0);
  assert_made_up(&both.test, 2, 8);
  samples_free(&both.train);
  samples_free(&both.test);
}

/* The most that deflate can make of a file's bytes is not too much to be true. */
static void what_packs_best_is_read(void **state) {
  (void)state;
  struct bytes file = made_up_images(1024, 32, 32);
  struct idx idx;
  memset(file.data + 16, 0, file.count - 16);
  file = made_up_gzip(file);
  assert_in_range(file.count, 1, 1100);
  made_up_file("file", file);
  assert_true(idx_read(&idx, "file", 3));
  assert_int_equal(idx.bytes, 1 << 20);
  idx_free(&idx);
}

/* ---- wrong ones ----------------------------------------------------------------------------------------------- */

static void missing_files_are_named(void **state) {
  (void)state;
  assert_refused("no 't10k-images-idx3-ubyte' in '.', with or without .gz, nor with .idx in place of -idx");
  made_up_file(images, made_up_images(5, 3, 5));
  assert_refused("no 't10k-labels-idx1-ubyte' in '.'");
  made_up_file(labels, made_up_labels(5));
  made_up_file("train-labels-idx1-ubyte", made_up_labels(5));
  assert_refused("no 'train-images-idx3-ubyte' in '.'");
  assert_int_equal(unlink("train-labels-idx1-ubyte"), 0);
  made_up_file("train-images.idx3-ubyte.gz", made_up_gzip(made_up_images(5, 3, 5)));
  assert_refused("no 'train-labels-idx1-ubyte' in '.'");
}

static void a_folder_must_be_one(void **state) {
  (void)state;
  struct training_data both;
  complaint_begin();
  assert_false(idx_read_folder(&both, "nowhere", 10));
  complaint_end("'nowhere' cannot be read: No such file or directory");
  made_up_file(images, made_up_images(5, 3, 5));
  complaint_begin();
  assert_false(idx_read_folder(&both, images, 10));
  complaint_end("'t10k-images-idx3-ubyte' is not a folder");
}

static void counts_and_sizes_must_agree(void **state) {
  (void)state;
  made_up_file(images, made_up_images(5, 3, 5));
  made_up_file(labels, made_up_labels(6));
  assert_refused("t10k-images-idx3-ubyte' has 5 images, but './t10k-labels-idx1-ubyte' has 6 labels");
  made_up_file(labels, made_up_labels(5));
  made_up_file("train-labels-idx1-ubyte", made_up_labels(7));
  made_up_file("train-images-idx3-ubyte", made_up_images(7, 5, 3));
  assert_refused("train-images-idx3-ubyte' are 5 x 3, but those of './t10k-images-idx3-ubyte' are 3 x 5");
  made_up_file(images, made_up_images(1, 3, 5));
  made_up_file(labels, made_up_labels(1));
  assert_int_equal(unlink("train-labels-idx1-ubyte") + unlink("train-images-idx3-ubyte"), 0);
  assert_refused("t10k-images-idx3-ubyte' has one image, which cannot be divided");
}

static void labels_must_be_below_the_classes(void **state) {
  (void)state;
  made_up_file(images, made_up_images(5, 3, 5));
  struct bytes file = made_up_labels(5);
  file.data[8 + 3] = 10;
  made_up_file(labels, file);
  assert_refused("t10k-labels-idx1-ubyte': label 3 is 10; there are 10 classes, from 0 on");
}

/* A file of 2 x 3 x 4 pixels with one thing changed, plain and packed. */
static void headers_and_lengths_are_checked(void **state) {
  static const struct {
    size_t at;
    unsigned char bytes[12];
    size_t count;
    const char *why;
  } cases[] = {
      {0, "\x1f", 1, "no IDX file: it begins with the bytes 1f 00 08 03"},
      {1, "\1", 1, "no IDX file"},
      {2, "\x0a", 1, "no IDX file"},
      {2, "\x09", 1, "holds signed bytes; only unsigned bytes can be used"},
      {2, "\x0b", 1, "holds 16-bit numbers"},
      {2, "\x0c", 1, "holds 32-bit numbers"},
      {2, "\x0d", 1, "holds 32-bit floats"},
      {2, "\x0e", 1, "holds 64-bit floats"},
      {3, "\1", 1, "the number of dimensions of 'file' is 1; it must be 3"},
      {3, "\xff", 1, "is 255; it must be 3"},
      {4, "\0\0\0\0", 4, "is empty: its dimension 1 is 0"},
      {12, "\0\0\0\0", 4, "is empty: its dimension 3 is 0"},
      {4, "\xff\xff\xff\xff", 4, "says that it holds more than 1073741824 bytes"},
      {4, "\0\1\0\0\0\1\0\0\0\1\0\0", 12, "says that it holds more than 1073741824 bytes"},
      {4, "\x80\0\0\0\x80\0\0\0\0\0\0\4", 12, "says that it holds more than 1073741824 bytes"},
      {4, "\0\0\0\1\0\0\x80\0\0\0\x80\0", 12, "is cut off: it says that it holds 1073741824 bytes, and is too small"},
      {4, "\0\0\0\3", 4, "is cut off: it ends after 24 of 36 bytes of its data"},
      {4, "\0\0\0\1", 4, "goes on after the 12 bytes that its header announces"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    for (int gzip = 0; gzip < 2; gzip++) {
      struct bytes file = made_up_images(2, 3, 4);
      memcpy(file.data + cases[i].at, cases[i].bytes, cases[i].count);
      made_up_file("file", gzip ? made_up_gzip(file) : file);
      assert_idx_refused("file", 3, cases[i].why);
    }
  }
}

/* The header counts as one, whichever of its numbers is cut off. */
static void a_header_cut_off_says_how_long_it_is(void **state) {
  (void)state;
  for (unsigned dimensions = 1; dimensions <= 3; dimensions += 2) {
    const struct bytes file = dimensions == 1 ? made_up_labels(5) : made_up_images(2, 3, 4);
    const size_t header = 4 + 4 * dimensions;
    for (size_t length = 0; length < header; length++) {
      char why[80];
      snprintf(why, sizeof why, "is cut off: it ends after %zu of %zu bytes of its header", length, header);
      file_write("file", file.data, length);
      assert_idx_refused("file", dimensions, why);
    }
    free(file.data);
  }
}

/* Whatever is missing at the end, it is missed. */
static void files_cut_off_anywhere_are_refused(void **state) {
  (void)state;
  for (int gzip = 0; gzip < 2; gzip++) {
    const struct bytes plain = made_up_images(2, 3, 4), file = gzip ? made_up_gzip(plain) : plain;
    for (size_t length = 0; length < file.count; length++) {
      file_write("file", file.data, length);
      assert_idx_refused("file", 3, "cut off");
    }
    free(file.data);
  }
}

static void more_than_the_header_says_is_refused(void **state) {
  (void)state;
  for (int gzip = 0; gzip < 2; gzip++) {
    struct bytes file = made_up_images(2, 3, 4);
    file.data[15] = 3;
    made_up_file("file", gzip ? made_up_gzip(file) : file);
    assert_idx_refused("file", 3, "goes on after the 18 bytes that its header announces");
  }
  struct bytes packed = made_up_gzip(made_up_images(2, 3, 4));
  unsigned char *longer = realloc(packed.data, packed.count + 1);
  assert_non_null(longer);
  packed.data = longer;
  packed.data[packed.count++] = 'x';
  made_up_file("file", packed);
  assert_idx_refused("file", 3, "goes on after what gzip packed");
}

/* A bomb of 64 MiB in 64 KiB, under a header that announces 24 bytes. It is damaged half way: a reader that went there
 * would say so. */
static void a_bomb_is_not_unpacked(void **state) {
  (void)state;
  struct bytes file = made_up_images(64 * 1024, 32, 32);
  memset(file.data + 16, 0, file.count - 16);
  memcpy(file.data + 4, (unsigned char[]){0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4}, 12);
  file = made_up_gzip(file);
  assert_in_range(file.count, 1, 128 * 1024);
  memset(file.data + file.count / 2, 0x55, 64);
  made_up_file("file", file);
  assert_idx_refused("file", 3, "goes on after the 24 bytes that its header announces");
}

/* A small file that announces much: no memory is taken for it. */
static void what_cannot_be_there_is_not_waited_for(void **state) {
  (void)state;
  struct bytes file = made_up_images(64, 32, 32);
  memset(file.data + 16, 0, file.count - 16);
  memcpy(file.data + 4, (unsigned char[]){0x10, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 2}, 12);
  made_up_file("file", made_up_gzip(file));
  assert_idx_refused("file", 3, "is cut off: it says that it holds 1073741824 bytes, and is too small for that");
}

/* Some bits mean nothing here: the time, the system, what fills the last byte. All others are refused. */
static void damage_within_gzip_is_noticed(void **state) {
  (void)state;
  const struct bytes sound = made_up_images(2, 3, 4);
  struct bytes file = made_up_images(2, 3, 4);
  file = made_up_gzip(file);
  for (size_t at = 0; at < file.count; at++) {
    for (int bit = 0; bit < 8; bit++) {
      enum { CHECKS = 8 }; /* checksum and length, at the end */
      struct idx idx;
      file.data[at] ^= (unsigned char)(1 << bit);
      file_write("file", file.data, file.count);
      file.data[at] ^= (unsigned char)(1 << bit);
      complaint_begin();
      const bool read = idx_read(&idx, "file", 3);
      complaint_end(read ? NULL : "'file'");
      if (!read) continue;
      assert_true(at < file.count - CHECKS);
      assert_int_equal(idx.bytes, 24);
      assert_memory_equal(idx.byte, sound.data + 16, 24);
      idx_free(&idx);
    }
  }
  free(file.data);
  free(sound.data);
}

static void only_regular_files_are_read(void **state) {
  (void)state;
  assert_int_equal(mkfifo("pipe", 0644), 0);
  assert_idx_refused("pipe", 3, "'pipe' is a pipe, a socket or a device, not a file of data");
  assert_idx_refused("/dev/null", 3, "is a pipe, a socket or a device");
  assert_int_equal(mkdir(images, 0755), 0);
  made_up_file(labels, made_up_labels(5));
  assert_refused("t10k-images-idx3-ubyte' is a folder, not a file of data");
  assert_idx_refused("nothing", 3, "'nothing' cannot be read: No such file or directory");
  assert_int_equal(symlink("circle", "circle"), 0);
  assert_idx_refused("circle", 3, "'circle' cannot be read: Too many levels of symbolic links");
}

/* Root may read everything, so that it must be somebody else for a while. */
static void a_file_without_permission_is_named(void **state) {
  (void)state;
  made_up_file(images, made_up_images(5, 3, 5));
  made_up_file(labels, made_up_labels(5));
  assert_int_equal(chmod(".", 0755) + chmod(labels, 0), 0);
  const uid_t user = geteuid();
  if (user == 0) assert_int_equal(seteuid(65534), 0);
  assert_refused("'./t10k-labels-idx1-ubyte' cannot be read: Permission denied");
  if (user == 0) assert_int_equal(seteuid(user), 0);
}

/* ---- data sets ------------------------------------------------------------------------------------------------ */

static void parts_show_the_whole(void **state) {
  (void)state;
  struct samples all;
  assert_true(samples_make(&all, 6, 4, 3));
  for (int i = 0; i < 24; i++) all.feature[i] = (float)i;
  for (int i = 0; i < 6; i++) all.label[i] = i % 3;
  struct samples part = samples_part(&all, 2, 3);
  assert_int_equal(part.count, 3);
  assert_ptr_equal(part.feature, all.feature + 8);
  assert_int_equal(part.label[1], 0);
  samples_free(&part);
  assert_true(all.feature[23] == 23.0f);
  samples_free(&all);
}

static void bytes_become_features(void **state) {
  (void)state;
  uint8_t pixel[256];
  float feature[256];
  for (int i = 0; i < 256; i++) pixel[i] = (uint8_t)i;
  samples_set_pixels(feature, pixel, 256);
  for (int i = 0; i < 256; i++) assert_true(feature[i] == (float)(i / 255.0)); /* rounded once: double holds enough */
}

static void what_cannot_be_learned_from_is_found(void **state) {
  static const float wrong[] = {NAN, INFINITY, -INFINITY};
  (void)state;
  struct samples set;
  assert_true(samples_make(&set, 6, 4, 3));
  set.source = "made up";
  assert_true(samples_check(&set));
  for (size_t i = 0; i < 3; i++) {
    set.feature[23] = wrong[i];
    complaint_begin();
    assert_false(samples_check(&set));
    complaint_end(i ? "made up: feature 3 of sample 5 is infinite" : "made up: feature 3 of sample 5 is NaN");
    set.feature[23] = 0;
  }
  for (int label = -1; label <= 3; label += 4) {
    set.label[4] = label;
    complaint_begin();
    assert_false(samples_check(&set));
    complaint_end("the label of sample 4 is");
  }
  samples_free(&set);
}

static void too_much_is_refused(void **state) {
  (void)state;
  struct samples set;
  complaint_begin();
  assert_false(samples_make(&set, SIZE_MAX / 4, 8, 3));
  complaint_end("there is no memory for");
  complaint_begin();
  assert_false(samples_make(&set, SIZE_MAX / 8, 1, 3));
  complaint_end("there is no memory for");
}

#define IN_A_FOLDER(name) cmocka_unit_test_setup_teardown(name, folder_enter, folder_leave)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(four_files_are_read_under_each_name),
      IN_A_FOLDER(four_fifths_of_t10k_train_where_there_is_no_more),
      IN_A_FOLDER(members_of_gzip_follow_each_other),
      IN_A_FOLDER(what_packs_best_is_read),
      IN_A_FOLDER(missing_files_are_named),
      IN_A_FOLDER(a_folder_must_be_one),
      IN_A_FOLDER(counts_and_sizes_must_agree),
      IN_A_FOLDER(labels_must_be_below_the_classes),
      IN_A_FOLDER(headers_and_lengths_are_checked),
      IN_A_FOLDER(a_header_cut_off_says_how_long_it_is),
      IN_A_FOLDER(files_cut_off_anywhere_are_refused),
      IN_A_FOLDER(more_than_the_header_says_is_refused),
      IN_A_FOLDER(a_bomb_is_not_unpacked),
      IN_A_FOLDER(what_cannot_be_there_is_not_waited_for),
      IN_A_FOLDER(damage_within_gzip_is_noticed),
      IN_A_FOLDER(only_regular_files_are_read),
      IN_A_FOLDER(a_file_without_permission_is_named),
      cmocka_unit_test(parts_show_the_whole),
      cmocka_unit_test(bytes_become_features),
      cmocka_unit_test(what_cannot_be_learned_from_is_found),
      cmocka_unit_test(too_much_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
