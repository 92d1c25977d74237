#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "train/checkpoint_format.h"

struct reader {
  const char *path;
  int descriptor;
  size_t left; /* bytes of the file, as it was when it was opened */
  uint32_t crc;
};

static bool damaged(const struct reader *reader, const char *how) {
  cli_fail("'%s' is damaged: %s", reader->path, how);
  return false;
}

static bool out_of_memory(const struct reader *reader) {
  cli_fail("'%s' is too large for the memory", reader->path);
  return false;
}

static bool get(struct reader *reader, void *to, size_t bytes) {
  if (bytes > reader->left) return damaged(reader, "it is shorter than it says");
  for (size_t done = 0; done < bytes;) {
    const ssize_t got = read(reader->descriptor, (char *)to + done, bytes - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return cli_fail("'%s' cannot be read: %s", reader->path, strerror(errno)), false;
    if (got == 0) return damaged(reader, "it became shorter while it was read");
    done += (size_t)got;
  }
  reader->crc = checkpoint_crc(reader->crc, to, bytes);
  reader->left -= bytes;
  return true;
}

static bool open_regular(struct reader *reader, const char *path) {
  struct stat there;
  *reader = (struct reader){.path = path};
  reader->descriptor = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC); /* nothing here waits for a pipe */
  if (reader->descriptor < 0 || fstat(reader->descriptor, &there) != 0) {
    cli_fail("'%s' cannot be read: %s", path, strerror(errno));
  } else if (!S_ISREG(there.st_mode)) {
    cli_fail("'%s' is not a regular file", path);
  } else {
    reader->left = (size_t)there.st_size;
    return true;
  }
  if (reader->descriptor >= 0) close(reader->descriptor);
  return false;
}

static bool get_prefix(struct reader *reader, struct checkpoint_prefix *prefix) {
  const bool long_enough = reader->left >= sizeof *prefix;
  if (long_enough && !get(reader, prefix, sizeof *prefix)) return false;
  if (!long_enough || memcmp(prefix->magic, checkpoint_magic, sizeof checkpoint_magic) != 0)
    return cli_fail("'%s' is not a checkpoint", reader->path), false;
  if (prefix->version == CHECKPOINT_VERSION) return true;
  cli_fail("'%s' is a checkpoint of version %u; version %d can be read", reader->path, prefix->version,
           CHECKPOINT_VERSION);
  return false;
}

/* The header's JSON, with the zeros after it read. NULL after a complaint. */
static json_t *get_header(struct reader *reader) {
  struct checkpoint_prefix prefix;
  if (!get_prefix(reader, &prefix)) return NULL;
  if (prefix.header_length > CHECKPOINT_MAX_HEADER)
    return damaged(reader, "its header is longer than a checkpoint's may be"), NULL;
  const size_t length = (size_t)prefix.header_length, padded = length + checkpoint_padding(sizeof prefix + length);
  char *text = malloc(padded);
  if (!text) return out_of_memory(reader), NULL;
  json_t *header = NULL;
  if (!get(reader, text, padded)) {
    /* said */
  } else if (checkpoint_crc(0, text, length) != prefix.header_crc) {
    damaged(reader, "its header does not match its checksum");
  } else {
    header = checkpoint_parse_header(text, length);
    if (!header) damaged(reader, "its header is not a checkpoint's");
  }
  free(text);
  return header;
}

/* The names and sizes that a header lists. */
static bool list_tensors(struct checkpoint *checkpoint, const json_t *table) {
  for (size_t i = 0; i < checkpoint->count; i++) {
    struct checkpoint_tensor *tensor = &checkpoint->tensors[i];
    json_int_t count;
    if (json_unpack(json_array_get(table, i), "{s:s, s:I !}", "name", &tensor->name, "count", &count) != 0 || count < 0)
      return false;
    tensor->count = (size_t)count;
  }
  return checkpoint_are_tensors(checkpoint->tensors, checkpoint->count);
}

static bool read_header(struct checkpoint *checkpoint, struct reader *reader) {
  json_t *table;
  checkpoint->header = get_header(reader);
  if (!checkpoint->header) return false;
  if (json_unpack(checkpoint->header, "{s:o, s:o !}", "state", &checkpoint->state, "tensors", &table) != 0 ||
      !json_is_object(checkpoint->state) || !json_is_array(table) || json_array_size(table) > CHECKPOINT_MAX_TENSORS)
    return damaged(reader, "its header is not a checkpoint's");
  checkpoint->count = json_array_size(table);
  checkpoint->tensors = calloc(checkpoint->count + 1, sizeof *checkpoint->tensors);
  if (!checkpoint->tensors) return out_of_memory(reader);
  return list_tensors(checkpoint, table) || damaged(reader, "its header is not a checkpoint's");
}

/* All tensors are read at once, as they lie in the file; before that, what the header says must fill the file. */
static bool read_tensors(struct checkpoint *checkpoint, struct reader *reader) {
  size_t bytes = 0;
  uint32_t expected;
  for (size_t i = 0; i < checkpoint->count; i++) {
    const size_t count = checkpoint->tensors[i].count, left = reader->left - bytes;
    const size_t size = count <= left / sizeof(float) ? count * sizeof(float) : left + 1;
    if (size + checkpoint_padding(size) > left) return damaged(reader, "it is shorter than it says");
    bytes += size + checkpoint_padding(size);
  }
  if (reader->left - bytes < sizeof expected) return damaged(reader, "it is shorter than it says");
  if (reader->left - bytes > sizeof expected) return damaged(reader, "it is longer than it says");
  checkpoint->data = aligned_alloc(CHECKPOINT_ALIGNMENT, bytes + CHECKPOINT_ALIGNMENT);
  if (!checkpoint->data) return out_of_memory(reader);
  if (!get(reader, checkpoint->data, bytes)) return false;
  const uint32_t crc = reader->crc;
  if (!get(reader, &expected, sizeof expected)) return false;
  if (crc != expected) return damaged(reader, "its data do not match their checksum");
  char *data = checkpoint->data;
  for (size_t i = 0; i < checkpoint->count; i++) {
    const size_t size = checkpoint->tensors[i].count * sizeof(float);
    checkpoint->tensors[i].data = (float *)(void *)data;
    data += size + checkpoint_padding(size);
  }
  return true;
}

bool checkpoint_load(struct checkpoint *checkpoint, const char *path) {
  struct reader reader;
  *checkpoint = (struct checkpoint){0};
  if (!open_regular(&reader, path)) return false;
  const bool done = read_header(checkpoint, &reader) && read_tensors(checkpoint, &reader);
  close(reader.descriptor);
  if (!done) checkpoint_free(checkpoint);
  return done;
}

const float *checkpoint_tensor(const struct checkpoint *checkpoint, const char *name, size_t count) {
  for (size_t i = 0; i < checkpoint->count; i++) {
    const struct checkpoint_tensor *tensor = &checkpoint->tensors[i];
    if (strcmp(tensor->name, name) == 0) return tensor->count == count ? tensor->data : NULL;
  }
  return NULL;
}

void checkpoint_free(struct checkpoint *checkpoint) {
  json_decref(checkpoint->header);
  free(checkpoint->tensors);
  free(checkpoint->data);
  *checkpoint = (struct checkpoint){0};
}
