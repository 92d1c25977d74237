#define _GNU_SOURCE
#include "memory/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

enum { LINE = 64, HUGE_PAGE = 2 << 20, SMALL_PAGE = 4096, CANARY = 0x5a };

static size_t round_up(size_t x, size_t to) { return (x + to - 1) / to * to; }

bool arena_open(struct arena *arena, size_t bytes, size_t streams, const struct arena_settings *settings) {
  *arena = (struct arena){.settings = *settings, .expected = streams ? streams : 1};
  arena->settings.cache_span = round_up(arena->settings.cache_span ? arena->settings.cache_span : 1, SMALL_PAGE);
  /* Each stream may be pushed to the next huge page, and one more to begin on one. */
  arena->bytes = bytes + (streams + 1) * (HUGE_PAGE + arena->settings.cache_span);
  void *map = mmap(NULL, arena->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (map == MAP_FAILED) return false;
  arena->map = map;
  madvise(map, arena->bytes, settings->pages == PAGES_HUGE ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
  arena->used = round_up((uintptr_t)map + LINE, HUGE_PAGE) - LINE - (uintptr_t)map;
  return true;
}

void arena_close(struct arena *arena) {
  if (arena->map) munmap(arena->map, arena->bytes);
  *arena = (struct arena){0};
}

/* Stream k of n starts k/n of the cache's span further on, and k/n of a page: the first keeps the streams apart in the
 * sets of the private caches, the second keeps loads from looking like they follow a store to the same address, which
 * processors compare by the lower 12 bits. */
static size_t stagger(const struct arena *arena) {
  const size_t k = arena->streams, n = arena->expected;
  const size_t in_cache = round_up(arena->settings.cache_span * k / n, SMALL_PAGE);
  return in_cache + round_up(SMALL_PAGE * k / n, LINE);
}

void *arena_take(struct arena *arena, size_t bytes) {
  size_t at = arena->used + LINE; /* before the stream */
  if (arena->settings.placement == PLACEMENT_ALIGNED) {
    at = round_up((uintptr_t)arena->map + at, HUGE_PAGE) - (uintptr_t)arena->map;
  } else {
    /* From a common origin in the span, so that the distance between two streams does not depend on their length. */
    const size_t span = arena->settings.cache_span;
    const size_t want = stagger(arena) % span, have = ((uintptr_t)arena->map + at) % span;
    at += (want + span - have) % span;
  }
  arena->used = at + round_up(bytes, LINE) + LINE; /* behind it */
  if (arena->streams < ARENA_MOST_STREAMS) arena->taken[arena->streams] = (struct arena_stretch){at, at + bytes};
  arena->streams++;
  return arena->map + at;
}

static size_t watched(const struct arena *arena) {
  return arena->streams < ARENA_MOST_STREAMS ? arena->streams : ARENA_MOST_STREAMS;
}

/* The lines before and behind a stream. */
static char *before(const struct arena *arena, size_t stream) { return arena->map + arena->taken[stream].begin - LINE; }
static char *behind(const struct arena *arena, size_t stream) { return arena->map + arena->taken[stream].end; }

void arena_watch(struct arena *arena) {
  for (size_t i = 0; i < watched(arena); i++) {
    memset(before(arena, i), CANARY, LINE);
    memset(behind(arena, i), CANARY, LINE);
  }
}

static bool sings(const char *line) {
  for (int i = 0; i < LINE; i++)
    if (line[i] != CANARY) return false;
  return true;
}

size_t arena_touched(const struct arena *arena) {
  for (size_t i = 0; i < watched(arena); i++)
    if (!sings(before(arena, i)) || !sings(behind(arena, i))) return i;
  return ARENA_MOST_STREAMS;
}

double arena_huge_bytes(const struct arena *arena) {
  FILE *file = fopen("/proc/self/smaps", "r");
  if (!file) return -1;
  char line[256];
  const uintptr_t begin = (uintptr_t)arena->map, end = begin + arena->bytes;
  bool ours = false, seen = false;
  double sum = 0;
  while (fgets(line, sizeof line, file)) {
    unsigned long from, to, kib;
    if (sscanf(line, "%lx-%lx ", &from, &to) == 2) {
      ours = from < end && to > begin;
    } else if (ours && sscanf(line, "AnonHugePages: %lu kB", &kib) == 1) {
      sum += 1024.0 * (double)kib;
      seen = true;
    }
  }
  fclose(file);
  return seen ? sum : -1;
}
