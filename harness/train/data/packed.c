#define _GNU_SOURCE
#include "train/data/packed.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "cli.h"

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

/* Not blocking, or a FIFO without a writer would be waited for. */
static int open_regular(const char *path, uint64_t *size) {
  struct stat status;
  const int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0 || fstat(descriptor, &status) != 0) {
    cli_fail("'%s' cannot be read: %s", path, strerror(errno));
  } else if (S_ISREG(status.st_mode)) {
    *size = (uint64_t)status.st_size;
    return descriptor;
  } else {
    cli_fail("'%s' is %s, not a file of data", path,
             S_ISDIR(status.st_mode) ? "a folder" : "a pipe, a socket or a device");
  }
  if (descriptor >= 0) close(descriptor);
  return -1;
}

struct packed *packed_open(const char *path) {
  uint64_t size;
  const int descriptor = open_regular(path, &size);
  if (descriptor < 0) return NULL;
  struct packed *packed = calloc(1, sizeof *packed);
  if (!packed) {
    close(descriptor);
    cli_fail("there is no memory to read '%s'", path);
    return NULL;
  }
  packed->path = path, packed->descriptor = descriptor, packed->size = size;
  if (!refill(packed)) goto failed;
  packed->is_packed = packed->end >= 2 && packed->chunk[0] == GZIP_BEGIN && packed->chunk[1] == 0x8b;
  if (!packed->is_packed || inflateInit2(&packed->stream, MAX_WBITS + GZIP_ONLY) == Z_OK) return packed;
  packed->is_packed = false; /* nothing of zlib's to give back */
  cli_fail("there is no memory to unpack '%s'", path);
failed:
  packed_close(packed);
  return NULL;
}

void packed_close(struct packed *packed) {
  if (packed->is_packed) inflateEnd(&packed->stream);
  close(packed->descriptor);
  free(packed);
}

uint64_t packed_most(const struct packed *packed) {
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

bool packed_read(struct packed *packed, void *into, size_t bytes, size_t *read) {
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
