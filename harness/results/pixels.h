/* Images in a result file. */
#ifndef GRADMARK_PIXELS_H
#define GRADMARK_PIXELS_H

#include <jansson.h>
#include <stddef.h>

/* Features within 0 .. 1 as grey bytes in base64 (RFC 4648); null without memory. */
json_t *pixels_base64(const float *feature, size_t count);

#endif
