#define _GNU_SOURCE
#include "train/checkpoint.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "cli.h"
#include "results/whole_file.h"

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers are written as they stand in memory");

enum { KEEPS_DOUBLES = 17 /* digits */ };

const char checkpoint_magic[8] = {'G', 'R', 'A', 'D', 'M', 'A', 'R', 'K'};

/* Zeros after `bytes` bytes. */
static size_t padding_after(size_t bytes) {
  return (CHECKPOINT_ALIGNMENT - bytes % CHECKPOINT_ALIGNMENT) % CHECKPOINT_ALIGNMENT;
}

/* CRC-32 of what gave `crc` and these; it begins with 0. */
static uint32_t crc_of(uint32_t crc, const void *data, size_t bytes) { return (uint32_t)crc32_z(crc, data, bytes); }

static bool is_name(const char *name) {
  const size_t length = strlen(name);
  for (size_t i = 0; i < length; i++)
    if (name[i] < ' ' || name[i] > '~') return false;
  return length && length <= CHECKPOINT_MAX_NAME;
}

/* Are there no more than allowed, named as allowed, none empty? Looks at names and counts alone. */
static bool are_tensors(const struct checkpoint_tensor *tensors, size_t count) {
  if (count > CHECKPOINT_MAX_TENSORS) return false;
  for (size_t i = 0; i < count; i++) {
    if (!is_name(tensors[i].name) || tensors[i].count == 0) return false;
    for (size_t j = 0; j < i; j++)
      if (strcmp(tensors[i].name, tensors[j].name) == 0) return false;
  }
  return true;
}

/* Of a text that may not be JSON: it is asked before a parser goes as deep. */
static bool is_shallow(const char *text, size_t length) {
  int depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < length; i++) {
    const char c = text[i];
    if (quoted && c == '\\')
      i++;
    else if (c == '"')
      quoted = !quoted;
    else if (!quoted && (c == '[' || c == '{') && ++depth > CHECKPOINT_MAX_DEPTH)
      return false;
    else if (!quoted && (c == ']' || c == '}'))
      depth--;
  }
  return true;
}

/* A header's text as JSON; NULL if it is longer or deeper than allowed, or no JSON. */
static json_t *parse_header(const char *text, size_t length) {
  if (length > CHECKPOINT_MAX_HEADER || !is_shallow(text, length)) return NULL;
  return json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
}

/* ---- saving ------------------------------------------------------------------------------------------------------ */

struct writer {
  struct whole_file file;
  uint32_t crc;
};

/* With the zeros that follow. `before` bytes were written since the last multiple of the alignment. */
static bool put(struct writer *writer, size_t before, const void *data, size_t bytes) {
  static const char zeros[CHECKPOINT_ALIGNMENT];
  const size_t padding = padding_after(before + bytes);
  writer->crc = crc_of(crc_of(writer->crc, data, bytes), zeros, padding);
  return whole_file_write(&writer->file, data, bytes) && whole_file_write(&writer->file, zeros, padding);
}

static char *make_header(json_t *state, const struct checkpoint_tensor *tensors, size_t count) {
  json_t *table = json_array();
  for (size_t i = 0; i < count; i++)
    json_array_append_new(table,
                          json_pack("{s:s, s:I}", "name", tensors[i].name, "count", (json_int_t)tensors[i].count));
  json_t *header = json_array_size(table) == count ? json_pack("{s:O, s:O}", "state", state, "tensors", table) : NULL;
  char *text = json_dumps(header, JSON_COMPACT | JSON_REAL_PRECISION(KEEPS_DOUBLES));
  json_decref(header);
  json_decref(table);
  return text;
}

static bool write_file(const char *path, const char *header, const struct checkpoint_tensor *tensors, size_t count) {
  const size_t length = strlen(header);
  struct checkpoint_prefix prefix = {
      .version = CHECKPOINT_VERSION, .header_crc = crc_of(0, header, length), .header_length = length};
  memcpy(prefix.magic, checkpoint_magic, sizeof checkpoint_magic);
  struct writer writer = {.crc = crc_of(0, &prefix, sizeof prefix)};
  if (!whole_file_open_replacing(&writer.file, path) || !whole_file_write(&writer.file, &prefix, sizeof prefix) ||
      !put(&writer, sizeof prefix, header, length))
    return false;
  for (size_t i = 0; i < count; i++)
    if (!put(&writer, 0, tensors[i].data, tensors[i].count * sizeof(float))) return false;
  return whole_file_finish(&writer.file, &writer.crc, sizeof writer.crc);
}

bool checkpoint_save(const char *path, json_t *state, const struct checkpoint_tensor *tensors, size_t count) {
  if (!json_is_object(state) || !are_tensors(tensors, count))
    return cli_fail("'%s' was not written: this is no checkpoint's state, or not its tensors", path), false;
  char *header = make_header(state, tensors, count);
  json_t *parsed = header ? parse_header(header, strlen(header)) : NULL; /* as a reader will */
  bool done = false;
  if (!header)
    cli_fail("'%s' was not written: %s", path, strerror(ENOMEM));
  else if (!parsed)
    cli_fail("'%s' was not written: its state is larger or deeper than a checkpoint's may be", path);
  else
    done = write_file(path, header, tensors, count);
  json_decref(parsed);
  free(header);
  return done;
}

bool checkpoint_can_save(const char *path) {
  struct whole_file file;
  if (!whole_file_open_replacing(&file, path)) return false;
  whole_file_abandon(&file);
  return true;
}

/* ---- loading ----------------------------------------------------------------------------------------------------- */

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
  reader->crc = crc_of(reader->crc, to, bytes);
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
  const size_t length = (size_t)prefix.header_length, padded = length + padding_after(sizeof prefix + length);
  char *text = malloc(padded);
  if (!text) return out_of_memory(reader), NULL;
  json_t *header = NULL;
  if (!get(reader, text, padded)) {
    /* said */
  } else if (crc_of(0, text, length) != prefix.header_crc) {
    damaged(reader, "its header does not match its checksum");
  } else {
    header = parse_header(text, length);
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
  return are_tensors(checkpoint->tensors, checkpoint->count);
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
    if (size + padding_after(size) > left) return damaged(reader, "it is shorter than it says");
    bytes += size + padding_after(size);
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
    data += size + padding_after(size);
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
