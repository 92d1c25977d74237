/* What the writer and the reader of checkpoints share; checkpoint.h says what stands in the file. */
#ifndef GRADMARK_CHECKPOINT_FORMAT_H
#define GRADMARK_CHECKPOINT_FORMAT_H

#include <assert.h>
#include <stdint.h>

#include "train/checkpoint.h"

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers are written as they stand in memory");

enum { CHECKPOINT_ALIGNMENT = 64, CHECKPOINT_VERSION = 1 };

extern const char checkpoint_magic[8];

struct checkpoint_prefix {
  char magic[8];
  uint32_t version, header_crc;
  uint64_t header_length;
};
static_assert(sizeof(struct checkpoint_prefix) == 24, "as in the file");

/* Zeros after `bytes` bytes. */
size_t checkpoint_padding(size_t bytes);

/* CRC-32 of what gave `crc` and these; it begins with 0. */
uint32_t checkpoint_crc(uint32_t crc, const void *data, size_t bytes);

/* Are there no more than allowed, named as allowed, none empty? Looks at names and counts alone. */
bool checkpoint_are_tensors(const struct checkpoint_tensor *tensors, size_t count);

/* A header's text as JSON; NULL if it is longer or deeper than allowed, or no JSON. */
json_t *checkpoint_parse_header(const char *text, size_t length);

#endif
