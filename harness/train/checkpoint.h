/* Checkpoints: what a training needs to go on, in a file. It holds a JSON object, `state`, whose meaning is its
 * writer's (what is trained, settings, step, hyperparameters), and named tensors of f32.
 *
 * The file, all numbers little-endian:
 *
 *      0   8  "GRADMARK"
 *      8   4  version: 1
 *     12   4  CRC-32 of the header
 *     16   8  length of the header in bytes
 *     24      the header: a JSON object of `state` and `tensors`, an array of {"name": text, "count": whole number}
 *             zeros up to a multiple of 64
 *             the tensors in that order, `count` f32 each, each followed by zeros up to a multiple of 64
 *      end-4  CRC-32 of all that comes before
 *
 * CRC-32 is zlib's. Every float is kept to the bit, NaN and its payload too; a real number of the state comes back as
 * the same double. A whole number of the state is a signed one of 64 bits. */
#ifndef GRADMARK_CHECKPOINT_H
#define GRADMARK_CHECKPOINT_H

#include <assert.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CHECKPOINT_ALIGNMENT = 64, CHECKPOINT_VERSION = 1 };

extern const char checkpoint_magic[8];

struct checkpoint_prefix {
  char magic[8];
  uint32_t version, header_crc;
  uint64_t header_length;
};
static_assert(sizeof(struct checkpoint_prefix) == 24, "as in the file");

/* What every file keeps to; a writer that does not is refused as a file is that does not. */
enum {
  CHECKPOINT_MAX_HEADER = 1 << 20, /* bytes */
  CHECKPOINT_MAX_DEPTH = 64,       /* of arrays and objects within each other in the header */
  CHECKPOINT_MAX_TENSORS = 4096,
  CHECKPOINT_MAX_NAME = 127, /* bytes of printable ASCII; no two names are the same */
};

struct checkpoint_tensor {
  const char *name;
  float *data;
  size_t count; /* at least 1 */
};

/* Writes a file whole or not at all, in place of an older one (results/whole_file.h): a program killed at any moment
 * leaves the older file or the new one. Complains and returns false if it cannot; an older file is then as it was. */
bool checkpoint_save(const char *path, json_t *state, const struct checkpoint_tensor *tensors, size_t count);

/* Can a checkpoint be written there? To be asked before any work; complains if not. What is there stays. */
bool checkpoint_can_save(const char *path);

struct checkpoint {
  json_t *state;                     /* within the header */
  struct checkpoint_tensor *tensors; /* names within the header; data within `data`, each aligned to 64 bytes */
  size_t count;
  json_t *header;
  void *data;
};

/* Reads a file and owns what it read; checkpoint_free gives it back. Complains and returns false if the file is no
 * regular one, no checkpoint, of another version, damaged in any byte, longer or shorter than it says, beyond the
 * limits above, or larger than the memory. Never waits for a pipe, and takes no memory that the file's size does not
 * justify. */
bool checkpoint_load(struct checkpoint *checkpoint, const char *path);

/* The data of a tensor; NULL if there is none of this name, or not of `count` elements. */
const float *checkpoint_tensor(const struct checkpoint *checkpoint, const char *name, size_t count);

void checkpoint_free(struct checkpoint *checkpoint);

#endif
