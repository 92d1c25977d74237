/* IDX files that were never anybody's digits: small, and as wrong as a test wants. */
#ifndef GRADMARK_TEST_MADE_UP_IDX_H
#define GRADMARK_TEST_MADE_UP_IDX_H

#include <stddef.h>
#include <stdint.h>

#include "folder.h"

enum { MADE_UP_CLASSES = 10 };

/* Sound files: pixel k of all has the value k mod 251, label i is i mod 10. To be freed. */
struct bytes made_up_images(uint32_t count, uint32_t rows, uint32_t columns);
struct bytes made_up_labels(uint32_t count);

/* The same bytes as gzip packs them, in one member. Frees `bytes`. */
struct bytes made_up_gzip(struct bytes bytes);

/* Writes the bytes and frees them. */
void made_up_file(const char *name, struct bytes bytes);

#endif
