#include "train/npy.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

enum { HEADER = 128 }; /* magic, version and length are ten bytes of it; a multiple of 64, as NumPy wants it */

static void make_header(char header[HEADER], enum npy_type type, size_t rows, size_t columns) {
  static const char *const types[] = {[NPY_F32] = "<f4", [NPY_I32] = "<i4", [NPY_U32] = "<u4"};
  char shape[64];
  if (columns)
    snprintf(shape, sizeof shape, "%zu, %zu", rows, columns);
  else
    snprintf(shape, sizeof shape, "%zu,", rows);
  memset(header, ' ', HEADER);
  memcpy(header, "\x93NUMPY\x01\x00\x76\x00", 10);
  const int length = snprintf(header + 10, HEADER - 10, "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }",
                              types[type], shape);
  header[10 + length] = ' ';
  header[HEADER - 1] = '\n';
}

bool npy_write(const char *directory, const char *name, enum npy_type type, const void *data, size_t rows,
               size_t columns) {
  char path[4096], header[HEADER];
  if (snprintf(path, sizeof path, "%s/%s", directory, name) >= (int)sizeof path)
    return cli_fail("the name of '%.40s...' is too long", directory), false;
  FILE *file = fopen(path, "wx");
  if (!file) return cli_fail("'%s' cannot be written: %s", path, strerror(errno)), false;
  make_header(header, type, rows, columns);
  const size_t count = rows * (columns ? columns : 1);
  const bool written = fwrite(header, HEADER, 1, file) == 1 && fwrite(data, 4, count, file) == count;
  if ((fclose(file) == 0) & written) return true;
  cli_fail("'%s' was not written: %s", path, strerror(errno));
  unlink(path);
  return false;
}
