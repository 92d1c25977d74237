#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "results/whole_file.h"
#include "train/checkpoint_format.h"

enum { KEEPS_DOUBLES = 17 /* digits */ };

struct writer {
  struct whole_file file;
  uint32_t crc;
};

/* With the zeros that follow. `before` bytes were written since the last multiple of the alignment. */
static bool put(struct writer *writer, size_t before, const void *data, size_t bytes) {
  static const char zeros[CHECKPOINT_ALIGNMENT];
  const size_t padding = checkpoint_padding(before + bytes);
  writer->crc = checkpoint_crc(checkpoint_crc(writer->crc, data, bytes), zeros, padding);
  return whole_file_write(&writer->file, data, bytes) && whole_file_write(&writer->file, zeros, padding);
}

static char *describe_tensors(const struct checkpoint_tensor *tensors, size_t count) {
  json_t *table = json_array();
  for (size_t i = 0; i < count; i++)
    json_array_append_new(table,
                          json_pack("{s:s, s:I}", "name", tensors[i].name, "count", (json_int_t)tensors[i].count));
  char *text = json_array_size(table) == count ? json_dumps(table, JSON_COMPACT) : NULL;
  json_decref(table);
  return text;
}

static char *make_header(const json_t *state, const struct checkpoint_tensor *tensors, size_t count) {
  char *header = NULL, *table = describe_tensors(tensors, count),
       *text = json_dumps(state, JSON_COMPACT | JSON_REAL_PRECISION(KEEPS_DOUBLES));
  if (table && text && asprintf(&header, "{\"state\":%s,\"tensors\":%s}", text, table) < 0) header = NULL;
  free(text);
  free(table);
  return header;
}

static bool write_file(const char *path, const char *header, const struct checkpoint_tensor *tensors, size_t count) {
  const size_t length = strlen(header);
  struct checkpoint_prefix prefix = {
      .version = CHECKPOINT_VERSION, .header_crc = checkpoint_crc(0, header, length), .header_length = length};
  memcpy(prefix.magic, checkpoint_magic, sizeof checkpoint_magic);
  struct writer writer = {.crc = checkpoint_crc(0, &prefix, sizeof prefix)};
  if (!whole_file_open_replacing(&writer.file, path) || !whole_file_write(&writer.file, &prefix, sizeof prefix) ||
      !put(&writer, sizeof prefix, header, length))
    return false;
  for (size_t i = 0; i < count; i++)
    if (!put(&writer, 0, tensors[i].data, tensors[i].count * sizeof(float))) return false;
  return whole_file_finish(&writer.file, &writer.crc, sizeof writer.crc);
}

bool checkpoint_save(const char *path, const json_t *state, const struct checkpoint_tensor *tensors, size_t count) {
  if (!json_is_object(state) || !checkpoint_are_tensors(tensors, count))
    return cli_fail("'%s' was not written: this is no checkpoint's state, or not its tensors", path), false;
  char *header = make_header(state, tensors, count);
  json_t *parsed = header ? checkpoint_parse_header(header, strlen(header)) : NULL; /* as a reader will */
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
