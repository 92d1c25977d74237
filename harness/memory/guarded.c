#define _GNU_SOURCE
#include "memory/guarded.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t page_bytes(void) { return (size_t)sysconf(_SC_PAGESIZE); }

bool guarded_open(struct guarded *guarded, size_t bytes) {
  const size_t page = page_bytes();
  bytes = (bytes + page - 1) / page * page;
  *guarded = (struct guarded){.bytes = bytes};
  char *map = mmap(NULL, bytes + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (map == MAP_FAILED) return false;
  guarded->map = map;
  guarded->begin = map + page;
  if (mprotect(guarded->begin, bytes, PROT_READ | PROT_WRITE) == 0) return true;
  guarded_close(guarded);
  return false;
}

void guarded_close(struct guarded *guarded) {
  if (guarded->map) munmap(guarded->map, guarded->bytes + 2 * page_bytes());
  *guarded = (struct guarded){0};
}

enum { PATTERN = 0xff };

void guarded_fill(struct guarded *guarded, size_t from, size_t to) {
  memset(guarded->begin + from, PATTERN, to - from);
}

bool guarded_is_filled(const struct guarded *guarded, size_t from, size_t to) {
  for (; from < to; from++)
    if ((unsigned char)guarded->begin[from] != PATTERN) return false;
  return true;
}

void guarded_write_protect(struct guarded *guarded, bool protect) {
  mprotect(guarded->begin, guarded->bytes, protect ? PROT_READ : PROT_READ | PROT_WRITE);
}

size_t guarded_changed(const struct guarded *guarded, const char *before, size_t from, size_t to) {
  if (memcmp(guarded->begin + from, before + from, to - from) == 0) return to;
  while (guarded->begin[from] == before[from]) from++;
  return from;
}
