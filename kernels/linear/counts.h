/* Counting with sizes. */
#ifndef GM_LINEAR_COUNTS_H
#define GM_LINEAR_COUNTS_H

#include <stddef.h>

static inline size_t divide_up(size_t a, size_t b) { return a / b + (a % b != 0); }
static inline size_t least(size_t a, size_t b) { return a < b ? a : b; }
static inline size_t largest(size_t a, size_t b) { return a > b ? a : b; }

/* Where part `index` of `parts` nearly equal ones begins. */
static inline size_t share(size_t total, size_t parts, size_t index) {
  return total / parts * index + total % parts * index / parts;
}

#endif
