#include "results/pixels.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

static uint32_t grey(const float *feature, size_t i, size_t count) {
  return i < count ? (uint32_t)lrintf(fminf(fmaxf(feature[i], 0), 1) * 255) : 0;
}

json_t *pixels_base64(const float *feature, size_t count) {
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  char *text = malloc((count + 2) / 3 * 4 + 1), *at = text;
  if (!text) return json_null();
  for (size_t i = 0; i < count; i += 3) {
    const uint32_t three =
        grey(feature, i, count) << 16 | grey(feature, i + 1, count) << 8 | grey(feature, i + 2, count);
    *at++ = letters[three >> 18];
    *at++ = letters[three >> 12 & 63];
    *at++ = i + 1 < count ? letters[three >> 6 & 63] : '=';
    *at++ = i + 2 < count ? letters[three & 63] : '=';
  }
  *at = '\0';
  json_t *string = json_string(text);
  free(text);
  return string;
}
