/* Memory between two inaccessible pages, for proving that a kernel touches what it may touch and no more. */
#ifndef GRADMARK_GUARDED_H
#define GRADMARK_GUARDED_H

#include <stdbool.h>
#include <stddef.h>

struct guarded {
  char *map;    /* with the two guards */
  char *begin;  /* first accessible byte */
  size_t bytes; /* accessible */
  char *shadow; /* a copy of the accessible bytes, to compare with later; NULL in plain ones */
};

/* At least `bytes` accessible bytes; false without memory. */
bool guarded_open(struct guarded *guarded, size_t bytes);

/* The same without a shadow, so that nothing can be remembered. */
bool guarded_open_plain(struct guarded *guarded, size_t bytes);
void guarded_close(struct guarded *guarded);

/* Fills the accessible bytes with a pattern that is a NaN as f32 and as f64. */
void guarded_fill(struct guarded *guarded, size_t from, size_t to);
bool guarded_is_filled(const struct guarded *guarded, size_t from, size_t to);

/* With `protect`, writing to the accessible bytes traps as well; without, it is allowed again. */
void guarded_write_protect(struct guarded *guarded, bool protect);

/* Remembers the bytes from .. to-1, to compare with later. */
void guarded_remember(struct guarded *guarded, size_t from, size_t to);

/* The offset of the first byte in from .. to-1 that differs from what was remembered; `to` if none does. */
size_t guarded_changed(const struct guarded *guarded, size_t from, size_t to);

#endif
