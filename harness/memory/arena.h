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

/* A stretch of memory, of which streams are taken one behind the other. */
struct arena {
  char *map;
  size_t bytes, used;
};

/* Room for `streams` streams of together `bytes` bytes. False if the system refuses that much. Nothing is touched yet:
 * the pages come to lie near whoever touches them first. Linux refuses, as it is mostly set up, what is beyond a limit
 * of the process or beyond all memory and swap; what it grants may still be more than is free, and who touches that is
 * ended. So what is timed asks for a quarter of what is free at the most (run/levels.h). */
bool arena_open(struct arena *arena, size_t bytes, size_t streams, const struct arena_settings *settings);
void arena_close(struct arena *arena);

/* Is there room for so many more? */
bool arena_has_room(const struct arena *arena, size_t bytes, size_t streams, const struct arena_settings *settings);
/* What was taken may be taken again; what lies in it stays. */
void arena_rewind(struct arena *arena);
/* Gives the pages back, to come to lie near whoever touches them next. */
void arena_drop_pages(struct arena *arena);

/* The streams of one call, from one arena or several. */
enum { LAYOUT_MOST_STREAMS = 16 };
struct layout {
  struct arena_settings settings;
  size_t streams; /* taken so far */
  size_t expected;
  struct {
    char *begin;
    size_t bytes;
  } taken[LAYOUT_MOST_STREAMS];
};

void layout_begin(struct layout *layout, size_t streams, const struct arena_settings *settings);
/* The next stream; NULL where the arena has no room. */
void *layout_take(struct layout *layout, struct arena *arena, size_t bytes);

/* Between the streams, where guard pages would undo the stagger and split huge pages, lie canaries: a line of bytes
 * before and behind each, put there anew by the first function, after the streams' first touch; the second tells which
 * stream had one changed since, LAYOUT_MOST_STREAMS if none. */
void layout_watch(struct layout *layout);
size_t layout_touched(const struct layout *layout);

/* How many of the streams' bytes lie in huge pages by now, as far as the system says: it counts whole mappings, and the
 * streams are taken to have the same share. -1 where it does not say. */
double layout_huge_bytes(const struct layout *layout);

#endif
