/* A file's bytes in order, unpacked on the way if the file is packed by gzip (RFC 1952, of one member or several). */
#ifndef GRADMARK_PACKED_H
#define GRADMARK_PACKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct packed;

/* Opens a regular file; complains and returns NULL for anything else, without waiting for a writer. */
struct packed *packed_open(const char *path);
void packed_close(struct packed *packed);

/* The most bytes that the file can hold: its size or, packed, what the densest packing of that size unpacks to. */
uint64_t packed_most(const struct packed *packed);

/* Reads up to `bytes` bytes, fewer only at the file's end; *read counts them. Complains and returns false where the
 * file cannot be read, or is packed and damaged or cut off. Nothing beyond `bytes` is unpacked. */
bool packed_read(struct packed *packed, void *into, size_t bytes, size_t *read);

#endif
