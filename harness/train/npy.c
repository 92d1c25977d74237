#define _GNU_SOURCE
#include "train/npy.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
