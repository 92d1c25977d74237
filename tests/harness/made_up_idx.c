#include "made_up_idx.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

static struct bytes with_header(size_t dimensions, const uint32_t *dimension) {
  struct bytes file = {NULL, 4 + 4 * dimensions};
  size_t product = 1;
  for (size_t k = 0; k < dimensions; k++) product *= dimension[k];
  file.data = calloc(1, file.count + product);
  assert_non_null(file.data);
  file.data[2] = 8, file.data[3] = (unsigned char)dimensions;
  for (size_t k = 0; k < 4 * dimensions; k++) file.data[4 + k] = (unsigned char)(dimension[k / 4] >> (24 - k % 4 * 8));
  file.count += product;
  return file;
}

struct bytes made_up_images(uint32_t count, uint32_t rows, uint32_t columns) {
  struct bytes file = with_header(3, (uint32_t[]){count, rows, columns});
  for (size_t k = 16; k < file.count; k++) file.data[k] = (unsigned char)((k - 16) % 251);
  return file;
}

struct bytes made_up_labels(uint32_t count) {
  struct bytes file = with_header(1, &count);
  for (size_t i = 8; i < file.count; i++) file.data[i] = (unsigned char)((i - 8) % MADE_UP_CLASSES);
  return file;
}

struct bytes made_up_gzip(struct bytes bytes) {
  z_stream stream = {0};
  assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  const size_t room = deflateBound(&stream, bytes.count);
  struct bytes packed = {malloc(room), 0};
  assert_non_null(packed.data);
  stream.next_in = bytes.data, stream.avail_in = (uInt)bytes.count;
  stream.next_out = packed.data, stream.avail_out = (uInt)room;
  assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.count = stream.total_out;
  deflateEnd(&stream);
  free(bytes.data);
  return packed;
}

void made_up_file(const char *name, struct bytes bytes) {
  file_write(name, bytes.data, bytes.count);
  free(bytes.data);
}
