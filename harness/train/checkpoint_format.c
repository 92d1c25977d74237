#include "train/checkpoint_format.h"

#include <string.h>
#include <zlib.h>

const char checkpoint_magic[8] = {'G', 'R', 'A', 'D', 'M', 'A', 'R', 'K'};

size_t checkpoint_padding(size_t bytes) {
  return (CHECKPOINT_ALIGNMENT - bytes % CHECKPOINT_ALIGNMENT) % CHECKPOINT_ALIGNMENT;
}

uint32_t checkpoint_crc(uint32_t crc, const void *data, size_t bytes) { return (uint32_t)crc32_z(crc, data, bytes); }

static bool is_name(const char *name) {
  const size_t length = strlen(name);
  for (size_t i = 0; i < length; i++)
    if (name[i] < ' ' || name[i] > '~') return false;
  return length && length <= CHECKPOINT_MAX_NAME;
}

bool checkpoint_are_tensors(const struct checkpoint_tensor *tensors, size_t count) {
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

json_t *checkpoint_parse_header(const char *text, size_t length) {
  if (length > CHECKPOINT_MAX_HEADER || !is_shallow(text, length)) return NULL;
  return json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
}
