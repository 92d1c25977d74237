/* Memory between two inaccessible pages, for proving that a kernel touches what it may touch and no more. */
#ifndef GRADMARK_GUARDED_H
#define GRADMARK_GUARDED_H

#include <stdbool.h>
#include <stddef.h>

struct guarded {
  char *map;    /* with the two guards */
  char *begin;  /* first accessible byte */
  size_t bytes; /* accessible */
};

/* At least `bytes` accessible bytes; false without memory. */
bool guarded_open(struct guarded *guarded, size_t bytes);
void guarded_close(struct guarded *guarded);

/* Fills the accessible bytes with a pattern that is a NaN as f32 and as f64. */
void guarded_fill(struct guarded *guarded, size_t from, size_t to);
bool guarded_is_filled(const struct guarded *guarded, size_t from, size_t to);

/* With `protect`, writing to the accessible bytes traps as well; without, it is allowed again. */
void guarded_write_protect(struct guarded *guarded, bool protect);

/* The offset of the first byte in from .. to-1 that differs from `before`, a copy of the accessible bytes; `to` if none
 * does. */
size_t guarded_changed(const struct guarded *guarded, const char *before, size_t from, size_t to);

#endif
