#define _GNU_SOURCE
#include "train/data/folder.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "train/data/idx.h"

enum { IMAGE_DIMENSIONS = 3, LABEL_DIMENSIONS = 1 };

/* One of the four files. */
struct place {
  const char *part; /* "train-images" */
  int dimensions;
  char path[PATH_MAX]; /* "" where there is none */
};

/* A file that is there and cannot be read is found too: idx_read will say why. */
static bool find(struct place *place, const char *folder) {
  static const char *const form[][2] = {{"-", ""}, {"-", ".gz"}, {".", ""}, {".", ".gz"}};
  for (size_t i = 0; i < sizeof form / sizeof *form; i++) {
    const int length = snprintf(place->path, sizeof place->path, "%s/%s%sidx%d-ubyte%s", folder, place->part,
                                form[i][0], place->dimensions, form[i][1]);
    if (length >= (int)sizeof place->path) break;
    if (access(place->path, F_OK) == 0 || errno != ENOENT) return true;
  }
  place->path[0] = '\0';
  return false;
}

static bool need(const struct place *place, const char *folder) {
  if (place->path[0]) return true;
  cli_fail("there is no '%s-idx%d-ubyte' in '%s', with or without .gz, nor with .idx in place of -idx", place->part,
           place->dimensions, folder);
  return false;
}

static bool check_folder(const char *folder) {
  struct stat status;
  if (stat(folder, &status) != 0)
    cli_fail("'%s' cannot be read: %s", folder, strerror(errno));
  else if (!S_ISDIR(status.st_mode))
    cli_fail("'%s' is not a folder; the folder of the IDX files is wanted", folder);
  else
    return true;
  return false;
}

static bool fill(struct dataset *set, const struct idx *images, const struct idx *labels, const char *path,
                 size_t classes) {
  const size_t rows = images->dimension[1], columns = images->dimension[2];
  if (!dataset_make(set, images->dimension[0], rows * columns, classes)) return false;
  set->rows = rows, set->columns = columns, set->source = "IDX files";
  dataset_set_pixels(set->feature, images->byte, images->bytes);
  for (size_t i = 0; i < set->samples; i++) {
    set->label[i] = labels->byte[i];
    if (labels->byte[i] < classes) continue;
    cli_fail("'%s': label %zu is %d; there are %zu classes, from 0 on", path, i, labels->byte[i], classes);
    dataset_free(set);
    return false;
  }
  return true;
}

static bool read_pair(struct dataset *set, const struct place *images, const struct place *labels, size_t classes) {
  struct idx image = {0}, label = {0};
  bool good = idx_read(&image, images->path, IMAGE_DIMENSIONS) && idx_read(&label, labels->path, LABEL_DIMENSIONS);
  if (good && image.dimension[0] != label.dimension[0]) {
    cli_fail("'%s' has %zu images, but '%s' has %zu labels", images->path, image.dimension[0], labels->path,
             label.dimension[0]);
    good = false;
  }
  good = good && fill(set, &image, &label, labels->path, classes);
  idx_free(&image);
  idx_free(&label);
  return good;
}

static bool same_images(const struct train_test *both, const struct place *train, const struct place *test) {
  const struct dataset *a = &both->train, *b = &both->test;
  if (a->rows == b->rows && a->columns == b->columns) return true;
  cli_fail("the images of '%s' are %zu x %zu, but those of '%s' are %zu x %zu", train->path, a->rows, a->columns,
           test->path, b->rows, b->columns);
  return false;
}

/* Takes the test from the end of all that there is. */
static bool split(struct train_test *both, struct dataset *all, const struct place *images) {
  const size_t train = all->samples / 5 * 4 + all->samples % 5 * 4 / 5;
  if (train == 0) {
    cli_fail("'%s' has one image, which cannot be divided into some to train with and some to judge by", images->path);
    dataset_free(all);
    return false;
  }
  *both = (struct train_test){dataset_part(all, 0, train), dataset_part(all, train, all->samples - train)};
  both->train.memory = all->memory;
  return true;
}

bool dataset_from_dir(struct train_test *both, const char *folder, size_t classes) {
  struct place train_images = {"train-images", IMAGE_DIMENSIONS, ""},
               train_labels = {"train-labels", LABEL_DIMENSIONS, ""};
  struct place test_images = {"t10k-images", IMAGE_DIMENSIONS, ""}, test_labels = {"t10k-labels", LABEL_DIMENSIONS, ""};
  *both = (struct train_test){0};
  if (!check_folder(folder)) return false;
  const bool has_images = find(&train_images, folder), has_labels = find(&train_labels, folder);
  find(&test_images, folder), find(&test_labels, folder);
  if (!need(&test_images, folder) || !need(&test_labels, folder)) return false;
  if (!has_images && !has_labels) {
    struct dataset all;
    return read_pair(&all, &test_images, &test_labels, classes) && split(both, &all, &test_images);
  }
  if (need(&train_images, folder) && need(&train_labels, folder) &&
      read_pair(&both->train, &train_images, &train_labels, classes) &&
      read_pair(&both->test, &test_images, &test_labels, classes) && same_images(both, &train_images, &test_images))
    return true;
  train_test_free(both);
  return false;
}
