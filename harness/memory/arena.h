/* Memory for timings: where the streams of a call lie is a setting of the measurement. */
#ifndef GRADMARK_ARENA_H
#define GRADMARK_ARENA_H

#include <stdbool.h>
#include <stddef.h>

/* Staggered: the streams begin at different cache sets, as far apart as their number allows. Aligned: all begin at the
 * same offset within a huge page, so that they meet in the same sets at every step: a hazard worth showing. */
enum placement { PLACEMENT_STAGGERED, PLACEMENT_ALIGNED };
enum pages { PAGES_HUGE, PAGES_SMALL };

struct arena_settings {
  enum placement placement;
  enum pages pages;
  size_t cache_span; /* bytes after which the largest private cache uses the same sets again: its size / its ways */
};

enum { ARENA_MOST_STREAMS = 16 };

struct arena_stretch {
  size_t begin, end; /* bytes from the map's beginning */
};

struct arena {
  char *map;
  size_t bytes;
  size_t used;
  size_t streams; /* handed out so far */
  size_t expected;
  struct arena_stretch taken[ARENA_MOST_STREAMS];
  struct arena_settings settings;
};

/* Room for `streams` streams of together `bytes` bytes. False if the system has not that much. Nothing is touched yet:
 * the pages come to lie near whoever touches them first. */
bool arena_open(struct arena *arena, size_t bytes, size_t streams, const struct arena_settings *settings);
void arena_close(struct arena *arena);

/* The next stream. */
void *arena_take(struct arena *arena, size_t bytes);

/* Between the streams, where guard pages would undo the stagger and split huge pages, lie canaries: a line of bytes
 * before and behind each, put there anew by the first function, after the streams' first touch; the second tells which
 * stream had one changed since, ARENA_MOST_STREAMS if none. */
void arena_watch(struct arena *arena);
size_t arena_touched(const struct arena *arena);

/* How many of the arena's bytes lie in huge pages by now; -1 where the system does not say. */
double arena_huge_bytes(const struct arena *arena);

#endif
