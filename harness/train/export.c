#define _GNU_SOURCE
#include "train/export.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"
#include "results/whole_file.h"

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the data are written as they stand in memory");

enum { ELEMENT = 4 /* bytes, of every type */, HEADER = 128 /* the data begin at a multiple of 64 */ };

static const char *const types[] = {[NPY_F32] = "<f4", [NPY_I32] = "<i4", [NPY_U32] = "<u4"};

/* Magic, version, length of the rest, and a literal of Python, filled up with blanks and ended by a line feed. */
static void describe(char header[HEADER], enum npy_type type, size_t rows, size_t columns) {
  enum { MAGIC = 8, LENGTH = 2 };
  const uint16_t length = HEADER - MAGIC - LENGTH;
  char shape[48], text[HEADER];
  if (columns)
    snprintf(shape, sizeof shape, "(%zu, %zu)", rows, columns);
  else
    snprintf(shape, sizeof shape, "(%zu,)", rows);
  const int written =
      snprintf(text, sizeof text, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }", types[type], shape);
  memset(header, ' ', HEADER);
  memcpy(header, "\x93NUMPY\x01\x00", MAGIC);
  memcpy(header + MAGIC, &length, LENGTH);
  memcpy(header + MAGIC + LENGTH, text, (size_t)written);
  header[HEADER - 1] = '\n';
}

bool npy_write(const char *directory, const char *name, enum npy_type type, const void *data, size_t rows,
               size_t columns) {
  char header[HEADER], *path;
  if (asprintf(&path, "%s/%s", directory, name) < 0) return cli_fail("no memory to write '%s'", name), false;
  describe(header, type, rows, columns);
  struct whole_file file;
  const bool done = whole_file_open(&file, path) && whole_file_write(&file, header, sizeof header) &&
                    whole_file_finish(&file, data, rows * (columns ? columns : 1) * ELEMENT);
  free(path);
  return done;
}

/* ---- what a training begins with --------------------------------------------------------------------------------- */

static bool export_data(const char *directory, const struct samples *s) {
  if (!npy_write(directory, "features.npy", NPY_F32, s->feature, s->count, s->features)) return false;
  return s->label ? npy_write(directory, "labels.npy", NPY_I32, s->label, s->count, 0)
                  : npy_write(directory, "targets.npy", NPY_F32, s->target, s->count, 0);
}

static bool export_order(const char *directory, const struct training *t) {
  const size_t count = t->data.train.count, epochs = t->settings.epochs;
  uint32_t *order = malloc(count * epochs * sizeof *order);
  if (!order) return cli_fail("no memory for the order of %zu epochs", epochs), false;
  for (size_t e = 0; e < epochs; e++) samples_order(order + e * count, count, t->settings.seed, e, t->settings.shuffle);
  const bool done = npy_write(directory, "order.npy", NPY_U32, order, epochs, count);
  free(order);
  return done;
}

static bool export_params(const char *directory, const struct network *n) {
  for (int l = 0; l < n->model->layers; l++) {
    const struct model_layer *layer = &n->model->layer[l];
    char name[32];
    snprintf(name, sizeof name, "weights%d.npy", l);
    if (!npy_write(directory, name, NPY_F32, n->params + layer->weights, layer->out, layer->in)) return false;
    snprintf(name, sizeof name, "bias%d.npy", l);
    if (!npy_write(directory, name, NPY_F32, n->params + layer->bias, layer->out, 0)) return false;
  }
  return true;
}

bool export_inputs(const char *directory, const struct training *t) {
  if (mkdir(directory, 0777) != 0 && errno != EEXIST)
    return cli_fail("'%s' cannot be made: %s", directory, strerror(errno)), false;
  return export_data(directory, &t->data.train) && export_order(directory, t) && export_params(directory, t->network);
}
