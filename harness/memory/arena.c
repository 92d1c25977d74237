#define _GNU_SOURCE
#include "memory/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

enum { LINE = 64, HUGE_PAGE = 2 << 20, SMALL_PAGE = 4096, CANARY = 0x5a };

static size_t round_up(size_t x, size_t to) { return (x + to - 1) / to * to; }

static size_t span_of(const struct arena_settings *settings) {
  return round_up(settings->cache_span ? settings->cache_span : 1, SMALL_PAGE);
}

/* The most that is left free before a stream so that it begins where it should: an aligned one at a huge page, a
 * staggered one anywhere in the span. */
static size_t most_before(const struct arena_settings *settings) {
  return settings->placement == PLACEMENT_ALIGNED ? HUGE_PAGE : span_of(settings);
}

static size_t room_for(size_t bytes, size_t streams, const struct arena_settings *settings) {
  return bytes + streams * (most_before(settings) + 4 * LINE);
}

bool arena_open(struct arena *arena, size_t bytes, size_t streams, const struct arena_settings *settings) {
  /* Two huge pages more, so that the first stream can begin at one. */
  *arena = (struct arena){.bytes = room_for(bytes, streams, settings) + 2 * HUGE_PAGE};
  void *map = mmap(NULL, arena->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (map == MAP_FAILED) return false;
  arena->map = map;
  madvise(map, arena->bytes, settings->pages == PAGES_HUGE ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
  arena_rewind(arena);
  return true;
}

void arena_close(struct arena *arena) {
  if (arena->map) munmap(arena->map, arena->bytes);
  *arena = (struct arena){0};
}

bool arena_has_room(const struct arena *arena, size_t bytes, size_t streams, const struct arena_settings *settings) {
  return arena->map && room_for(bytes, streams, settings) <= arena->bytes - arena->used;
}

void arena_rewind(struct arena *arena) {
  arena->used = round_up((uintptr_t)arena->map + LINE, HUGE_PAGE) - LINE - (uintptr_t)arena->map;
}

void arena_drop_pages(struct arena *arena) {
  if (arena->map) madvise(arena->map, arena->bytes, MADV_DONTNEED);
}

void layout_begin(struct layout *layout, size_t streams, const struct arena_settings *settings) {
  *layout = (struct layout){.settings = *settings, .expected = streams ? streams : 1};
}

/* Stream k of n starts k/n of the cache's span further on, and k/n of a page: the first keeps the streams apart in the
 * sets of the private caches, the second keeps loads from looking like they follow a store to the same address, which
 * processors compare by the lower 12 bits. */
static size_t stagger(const struct layout *layout) {
  const size_t k = layout->streams, n = layout->expected;
  const size_t in_cache = round_up(span_of(&layout->settings) * k / n, SMALL_PAGE);
  return in_cache + round_up(SMALL_PAGE * k / n, LINE);
}

void *layout_take(struct layout *layout, struct arena *arena, size_t bytes) {
  size_t at = arena->used + LINE; /* before the stream */
  if (layout->settings.placement == PLACEMENT_ALIGNED) {
    at = round_up((uintptr_t)arena->map + at, HUGE_PAGE) - (uintptr_t)arena->map;
  } else {
    /* From a common origin in the span, so that the distance between two streams does not depend on their length. */
    const size_t span = span_of(&layout->settings);
    const size_t want = stagger(layout) % span, have = ((uintptr_t)arena->map + at) % span;
    at += (want + span - have) % span;
  }
  const size_t end = at + round_up(bytes, LINE) + LINE; /* behind it */
  if (end > arena->bytes) return NULL;
  arena->used = end;
  if (layout->streams < LAYOUT_MOST_STREAMS) {
    layout->taken[layout->streams].begin = arena->map + at;
    layout->taken[layout->streams].bytes = bytes;
  }
  layout->streams++;
  return arena->map + at;
}

static size_t watched(const struct layout *layout) {
  return layout->streams < LAYOUT_MOST_STREAMS ? layout->streams : LAYOUT_MOST_STREAMS;
}

/* The canaries of stream `k`. */
static char *before(const struct layout *layout, size_t k) { return layout->taken[k].begin - LINE; }
static char *behind(const struct layout *layout, size_t k) { return layout->taken[k].begin + layout->taken[k].bytes; }

void layout_watch(struct layout *layout) {
  for (size_t i = 0; i < watched(layout); i++) {
    memset(before(layout, i), CANARY, LINE);
    memset(behind(layout, i), CANARY, LINE);
  }
}

static bool is_intact(const char *line) {
  for (int i = 0; i < LINE; i++)
    if (line[i] != CANARY) return false;
  return true;
}

size_t layout_touched(const struct layout *layout) {
  for (size_t i = 0; i < watched(layout); i++)
    if (!is_intact(before(layout, i)) || !is_intact(behind(layout, i))) return i;
  return LAYOUT_MOST_STREAMS;
}

static double bytes_within(const struct layout *layout, uintptr_t from, uintptr_t to) {
  double sum = 0;
  for (size_t i = 0; i < watched(layout); i++) {
    const uintptr_t begin = (uintptr_t)layout->taken[i].begin, end = begin + layout->taken[i].bytes;
    const uintptr_t first = begin > from ? begin : from, last = end < to ? end : to;
    if (first < last) sum += (double)(last - first);
  }
  return sum;
}

double layout_huge_bytes(const struct layout *layout) {
  FILE *file = fopen("/proc/self/smaps", "r");
  if (!file) return -1;
  char line[256];
  bool seen = false;
  double sum = 0, within = 0, resident = 0;
  while (fgets(line, sizeof line, file)) {
    unsigned long from, to, kib;
    if (sscanf(line, "%lx-%lx ", &from, &to) == 2) {
      within = bytes_within(layout, from, to);
    } else if (within > 0 && sscanf(line, "Rss: %lu kB", &kib) == 1) {
      resident = (double)kib;
    } else if (within > 0 && sscanf(line, "AnonHugePages: %lu kB", &kib) == 1) {
      if (resident > 0) sum += within * (double)kib / resident;
      seen = true;
    }
  }
  fclose(file);
  return seen ? sum : -1;
}
