#define _GNU_SOURCE
#include "train/idx.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "cli.h"

/* ---- a file's bytes in order, unpacked on the way if gzip has packed them (RFC 1952, of one member or several) --- */

enum {
  CHUNK = 1 << 16,
  GZIP_BEGIN = 0x1f, /* then 0x8b */
  GZIP_ONLY = 16,    /* added to the window's size for inflateInit2: nothing but gzip's own header */
  DENSEST = 1032,    /* deflate: 258 bytes in 2 bits */
};

struct packed {
  const char *path;
  int descriptor;
  uint64_t size;
  bool is_packed, is_whole; /* a member has ended, and none has begun since */
  size_t next, end;         /* of what was read and not used */
  uint8_t chunk[CHUNK];
  z_stream stream;
};

/* The next chunk of the file as it is, if the last one is used up; none at the end. */
static bool refill(struct packed *packed) {
  if (packed->next < packed->end) return true;
  ssize_t got;
  do got = read(packed->descriptor, packed->chunk, CHUNK);
  while (got < 0 && errno == EINTR);
  packed->next = 0, packed->end = got > 0 ? (size_t)got : 0;
  if (got < 0) cli_fail("'%s' cannot be read: %s", packed->path, strerror(errno));
  return got >= 0;
}

static void packed_close(struct packed *packed) {
  if (packed->is_packed) inflateEnd(&packed->stream);
  close(packed->descriptor);
}

/* Complains and returns false for anything but a regular file. */
static bool packed_open(struct packed *packed, const char *path) {
  struct stat status;
  /* Not blocking, or a FIFO without a writer would be waited for. */
  const int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  const bool there = descriptor >= 0 && fstat(descriptor, &status) == 0;
  if (!there || !S_ISREG(status.st_mode)) {
    if (!there)
      cli_fail("'%s' cannot be read: %s", path, strerror(errno));
    else
      cli_fail("'%s' is %s, not a file of data", path,
               S_ISDIR(status.st_mode) ? "a folder" : "a pipe, a socket or a device");
    if (descriptor >= 0) close(descriptor);
    return false;
  }
  packed->path = path, packed->descriptor = descriptor, packed->size = (uint64_t)status.st_size;
  if (!refill(packed)) return packed_close(packed), false;
  packed->is_packed = packed->end >= 2 && packed->chunk[0] == GZIP_BEGIN && packed->chunk[1] == 0x8b;
  if (!packed->is_packed || inflateInit2(&packed->stream, MAX_WBITS + GZIP_ONLY) == Z_OK) return true;
  packed->is_packed = false; /* nothing of zlib's to give back */
  packed_close(packed);
  return cli_fail("there is no memory to unpack '%s'", path), false;
}

/* The most bytes that the file can hold: its size or, packed, what the densest packing of that size unpacks to. */
static uint64_t packed_most(const struct packed *packed) {
  if (!packed->is_packed) return packed->size;
  return packed->size > UINT64_MAX / DENSEST ? UINT64_MAX : packed->size * DENSEST;
}

static size_t copy_some(struct packed *packed, uint8_t *into, size_t bytes) {
  const size_t there = packed->end - packed->next, count = there < bytes ? there : bytes;
  memcpy(into, packed->chunk + packed->next, count);
  packed->next += count;
  return count;
}

/* Unpacks what one call of zlib gives, perhaps nothing; a member that ends makes room for another. */
static bool unpack_some(struct packed *packed, uint8_t *into, size_t bytes, size_t *count) {
  z_stream *stream = &packed->stream;
  if (packed->is_whole && (packed->chunk[packed->next] != GZIP_BEGIN || inflateReset(stream) != Z_OK)) {
    cli_fail("'%s' goes on after what gzip packed", packed->path);
    return false;
  }
  const uInt room = bytes < INT_MAX ? (uInt)bytes : INT_MAX;
  packed->is_whole = false;
  stream->next_in = packed->chunk + packed->next, stream->avail_in = (uInt)(packed->end - packed->next);
  stream->next_out = into, stream->avail_out = room;
  const int code = inflate(stream, Z_NO_FLUSH);
  packed->next = packed->end - stream->avail_in;
  *count = room - stream->avail_out;
  packed->is_whole = code == Z_STREAM_END;
  if (code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR) return true;
  cli_fail("'%s' is packed by gzip, and damaged: %s", packed->path, stream->msg ? stream->msg : zError(code));
  return false;
}

/* Reads up to `bytes` bytes, fewer only at the file's end; *read counts them. Complains and returns false where the
 * file cannot be read, or is packed and damaged or cut off. Nothing beyond `bytes` is unpacked. */
static bool packed_read(struct packed *packed, void *into, size_t bytes, size_t *read) {
  uint8_t *next = into;
  *read = 0;
  while (*read < bytes) {
    size_t count = 0;
    if (!refill(packed)) return false;
    if (packed->end == 0) {
      if (!packed->is_packed || packed->is_whole) return true;
      cli_fail("'%s' is packed by gzip, and cut off", packed->path);
      return false;
    }
    if (!packed->is_packed)
      count = copy_some(packed, next + *read, bytes - *read);
    else if (!unpack_some(packed, next + *read, bytes - *read, &count))
      return false;
    *read += count;
  }
  return true;
}

/* ---- one IDX file ---------------------------------------------------------------------------------------------------
 */

enum { TYPE_UNSIGNED_BYTE = 0x08, KIND_BYTES = 4, NUMBER_BYTES = 4 };

static const char *const type_names[256] = {
    [0x08] = "unsigned bytes", [0x09] = "signed bytes",  [0x0b] = "16-bit numbers",
    [0x0c] = "32-bit numbers", [0x0d] = "32-bit floats", [0x0e] = "64-bit floats"};

static bool is_whole(const char *path, const char *what, size_t read, size_t bytes) {
  if (read < bytes) cli_fail("'%s' is cut off: it ends after %zu of %zu bytes of its %s", path, read, bytes, what);
  return read == bytes;
}

static bool check_kind(const uint8_t head[KIND_BYTES], const char *path, unsigned dimensions) {
  if (head[0] != 0 || head[1] != 0 || !type_names[head[2]]) {
    cli_fail("'%s' is no IDX file: it begins with the bytes %02x %02x %02x %02x", path, head[0], head[1], head[2],
             head[3]);
  } else if (head[2] != TYPE_UNSIGNED_BYTE) {
    cli_fail("'%s' holds %s; only unsigned bytes can be used", path, type_names[head[2]]);
  } else if (head[3] != dimensions) {
    cli_fail("the number of dimensions of '%s' is %u; it must be %u", path, head[3], dimensions);
  } else {
    return true;
  }
  return false;
}

/* The dimensions and their product, which is checked against what may and what can be there. */
static bool take_shape(struct idx *idx, const uint8_t *number, const struct packed *packed, const char *path,
                       unsigned dimensions) {
  uint64_t product = 1;
  for (unsigned k = 0; k < dimensions; k++, number += NUMBER_BYTES) {
    const uint32_t size = (uint32_t)number[0] << 24 | (uint32_t)number[1] << 16 | (uint32_t)number[2] << 8 | number[3];
    if (size == 0) {
      cli_fail("'%s' is empty: its dimension %u is 0", path, k + 1);
      return false;
    }
    if (size > IDX_MOST_BYTES / product) {
      cli_fail("'%s' says that it holds more than %" PRIu64 " bytes, which is the most that is read", path,
               IDX_MOST_BYTES);
      return false;
    }
    idx->dimension[k] = size;
    product *= size;
  }
  idx->bytes = (size_t)product;
  if (product <= packed_most(packed)) return true;
  cli_fail("'%s' is cut off: it says that it holds %" PRIu64 " bytes, and is too small for that", path, product);
  return false;
}

/* What kind of file it is, is said of one that is cut off after that, too. */
static bool read_header(struct idx *idx, struct packed *packed, const char *path, unsigned dimensions) {
  uint8_t header[KIND_BYTES + NUMBER_BYTES * IDX_DIMENSIONS];
  const size_t bytes = KIND_BYTES + NUMBER_BYTES * (size_t)dimensions;
  size_t read;
  return packed_read(packed, header, bytes, &read) && (read < KIND_BYTES || check_kind(header, path, dimensions)) &&
         is_whole(path, "header", read, bytes) && take_shape(idx, header + KIND_BYTES, packed, path, dimensions);
}

static bool read_bytes(struct idx *idx, struct packed *packed, const char *path) {
  uint8_t more;
  size_t read;
  idx->byte = malloc(idx->bytes);
  if (!idx->byte) {
    cli_fail("there is no memory for the %zu bytes of '%s'", idx->bytes, path);
    return false;
  }
  if (!packed_read(packed, idx->byte, idx->bytes, &read) || !is_whole(path, "data", read, idx->bytes)) return false;
  if (!packed_read(packed, &more, 1, &read)) return false;
  if (read) cli_fail("'%s' goes on after the %zu bytes that its header announces", path, idx->bytes);
  return read == 0;
}

bool idx_read(struct idx *idx, const char *path, unsigned dimensions) {
  struct packed packed = {0};
  *idx = (struct idx){.dimension = {1, 1, 1}};
  if (!packed_open(&packed, path)) return false;
  const bool good = read_header(idx, &packed, path, dimensions) && read_bytes(idx, &packed, path);
  packed_close(&packed);
  if (!good) idx_free(idx);
  return good;
}

void idx_free(struct idx *idx) {
  free(idx->byte);
  idx->byte = NULL;
}

/* ---- a folder of them -----------------------------------------------------------------------------------------------
 */

enum { IMAGE_DIMENSIONS = 3, LABEL_DIMENSIONS = 1 };

/* One of the four files. */
struct idx_file {
  const char *part; /* "train-images" */
  int dimensions;
  char path[PATH_MAX]; /* "" where there is none */
};

/* A file that is there and cannot be read is found too: idx_read says why. */
static bool find(struct idx_file *file, const char *folder) {
  static const char *const form[][2] = {{"-", ""}, {"-", ".gz"}, {".", ""}, {".", ".gz"}};
  for (size_t i = 0; i < sizeof form / sizeof *form; i++) {
    const int length = snprintf(file->path, sizeof file->path, "%s/%s%sidx%d-ubyte%s", folder, file->part, form[i][0],
                                file->dimensions, form[i][1]);
    if (length >= (int)sizeof file->path) break;
    if (access(file->path, F_OK) == 0 || errno != ENOENT) return true;
  }
  file->path[0] = '\0';
  return false;
}

static bool need(const struct idx_file *file, const char *folder) {
  if (file->path[0]) return true;
  cli_fail("there is no '%s-idx%d-ubyte' in '%s', with or without .gz, nor with .idx in place of -idx", file->part,
           file->dimensions, folder);
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

static bool fill(struct samples *set, const struct idx *images, const struct idx *labels, const char *path,
                 size_t classes) {
  const size_t rows = images->dimension[1], columns = images->dimension[2];
  if (!samples_make(set, images->dimension[0], rows * columns, classes)) return false;
  set->rows = rows, set->columns = columns, set->source = "IDX files";
  samples_set_pixels(set->feature, images->byte, images->bytes);
  for (size_t i = 0; i < set->count; i++) {
    set->label[i] = labels->byte[i];
    if (labels->byte[i] < classes) continue;
    cli_fail("'%s': label %zu is %d; there are %zu classes, from 0 on", path, i, labels->byte[i], classes);
    samples_free(set);
    return false;
  }
  return true;
}

static bool read_pair(struct samples *set, const struct idx_file *images, const struct idx_file *labels,
                      size_t classes) {
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

static bool same_images(const struct training_data *both, const struct idx_file *train, const struct idx_file *test) {
  const struct samples *a = &both->train, *b = &both->test;
  if (a->rows == b->rows && a->columns == b->columns) return true;
  cli_fail("the images of '%s' are %zu x %zu, but those of '%s' are %zu x %zu", train->path, a->rows, a->columns,
           test->path, b->rows, b->columns);
  return false;
}

/* Takes the test from the end of all that there is. */
static bool split(struct training_data *both, struct samples *all, const struct idx_file *images) {
  const size_t train = all->count / 5 * 4 + all->count % 5 * 4 / 5;
  if (train == 0) {
    cli_fail("'%s' has one image, which cannot be divided into some to train with and some to judge by", images->path);
    samples_free(all);
    return false;
  }
  samples_split(all, train, both);
  return true;
}

bool idx_read_folder(struct training_data *both, const char *folder, size_t classes) {
  struct idx_file train_images = {"train-images", IMAGE_DIMENSIONS, ""},
                  train_labels = {"train-labels", LABEL_DIMENSIONS, ""};
  struct idx_file test_images = {"t10k-images", IMAGE_DIMENSIONS, ""},
                  test_labels = {"t10k-labels", LABEL_DIMENSIONS, ""};
  *both = (struct training_data){0};
  if (!check_folder(folder)) return false;
  const bool has_images = find(&train_images, folder), has_labels = find(&train_labels, folder);
  find(&test_images, folder), find(&test_labels, folder);
  if (!need(&test_images, folder) || !need(&test_labels, folder)) return false;
  if (!has_images && !has_labels) {
    struct samples all;
    return read_pair(&all, &test_images, &test_labels, classes) && split(both, &all, &test_images);
  }
  if (need(&train_images, folder) && need(&train_labels, folder) &&
      read_pair(&both->train, &train_images, &train_labels, classes) &&
      read_pair(&both->test, &test_images, &test_labels, classes) && same_images(both, &train_images, &test_images))
    return true;
  samples_free(&both->train);
  samples_free(&both->test);
  return false;
}
