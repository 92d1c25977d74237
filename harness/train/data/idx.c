#include "train/data/idx.h"

#include <inttypes.h>
#include <stdlib.h>

#include "cli.h"
#include "train/data/packed.h"

enum { TYPE_UNSIGNED_BYTE = 0x08, KIND_BYTES = 4, NUMBER_BYTES = 4 };

static const char *type_name(uint8_t type) {
  switch (type) {
    case 0x08: return "unsigned bytes";
    case 0x09: return "signed bytes";
    case 0x0b: return "16-bit numbers";
    case 0x0c: return "32-bit numbers";
    case 0x0d: return "32-bit floats";
    case 0x0e: return "64-bit floats";
    default: return NULL;
  }
}

static bool is_whole(const char *path, const char *what, size_t read, size_t bytes) {
  if (read < bytes) cli_fail("'%s' is cut off: it ends after %zu of %zu bytes of its %s", path, read, bytes, what);
  return read == bytes;
}

static bool check_kind(const uint8_t head[KIND_BYTES], const char *path, unsigned dimensions) {
  if (head[0] != 0 || head[1] != 0 || !type_name(head[2])) {
    cli_fail("'%s' is no IDX file: it begins with the bytes %02x %02x %02x %02x", path, head[0], head[1], head[2],
             head[3]);
  } else if (head[2] != TYPE_UNSIGNED_BYTE) {
    cli_fail("'%s' holds %s; only unsigned bytes can be used", path, type_name(head[2]));
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
  *idx = (struct idx){.dimension = {1, 1, 1}};
  struct packed *packed = packed_open(path);
  if (!packed) return false;
  const bool good = read_header(idx, packed, path, dimensions) && read_bytes(idx, packed, path);
  packed_close(packed);
  if (!good) idx_free(idx);
  return good;
}

void idx_free(struct idx *idx) {
  free(idx->byte);
  idx->byte = NULL;
}
