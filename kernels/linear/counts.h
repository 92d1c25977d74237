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

/* Terms are added up in blocks of nearly equal length, up to KC, each from zero: of k terms a sum is then off by no
 * more than KC + k / KC roundings instead of k. Where block `index` begins, share(k, term_blocks(k), index), depends on
 * k alone, and so do the bits. A panel of A (MR x KC, 14 KiB) stays in L1 while the panels of B stream past it. */
enum { KC = 256 };
static inline size_t term_blocks(size_t k) { return divide_up(k, KC); }

#endif
