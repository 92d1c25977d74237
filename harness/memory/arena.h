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

/* One mapping of memory. Streams are taken from it one after the other; `used` bytes of it are taken. */
struct arena {
  char *map;
  size_t bytes, used;
};

/* Maps enough memory for `streams` streams that have `bytes` bytes in total, with the gaps that their placement and the
 * canaries need. Returns false if the system refuses. No page is touched yet: each comes to lie on the NUMA node of the
 * thread that touches it first. Linux, as it is mostly set up, refuses what is beyond a limit of the process or beyond
 * all memory and swap. What it grants may still be more than is free, and a process that touches that much is killed.
 * So timings ask for at most a quarter of the memory that is free (measure/levels.h). */
bool arena_open(struct arena *arena, size_t bytes, size_t streams, const struct arena_settings *settings);
void arena_close(struct arena *arena);

/* Whether `streams` more streams that have `bytes` bytes in total fit. */
bool arena_has_room(const struct arena *arena, size_t bytes, size_t streams, const struct arena_settings *settings);
/* Begins anew: the next streams are taken from the same memory again, whose contents stay. */
void arena_rewind(struct arena *arena);
/* Returns the pages to the system, the contents with them: each is placed anew when a thread touches it next. */
void arena_drop_pages(struct arena *arena);

/* Where the streams of one call lie, which may be taken from several arenas. `expected` is how many there will be. */
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
/* Takes the next stream, of `bytes` bytes; NULL where the arena has no room. */
void *layout_take(struct layout *layout, struct arena *arena, size_t bytes);

/* Canaries show who writes outside a stream: guard pages would undo the stagger and split huge pages. layout_watch puts
 * a line of known bytes before and behind each stream; it is called after the streams' first touch. layout_touched
 * returns a stream beside which such a line has changed since, LAYOUT_MOST_STREAMS if there is none. */
void layout_watch(struct layout *layout);
size_t layout_touched(const struct layout *layout);

/* How many bytes of the streams lie in huge pages now. The system counts them for a whole mapping, so each stream is
 * taken to have the same share of huge pages as the mapping it is in. -1 where the system does not say. */
double layout_huge_bytes(const struct layout *layout);

#endif
