#define _GNU_SOURCE
#include "memory/sink.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PIECE = 2 << 20 };

static size_t round_up(size_t x, size_t to) { return (x + to - 1) / to * to; }

/* Where memory that can be mapped repeatedly is not to be had (a limit on the sizes of files forbids it, for one), the
 * mapping stays as it is, with pages of its own. */
static bool map_over_and_over(struct sink *sink) {
  const int memory = memfd_create("gradmark-sink", MFD_CLOEXEC);
  if (memory < 0) return true;
  bool done = true;
  if (ftruncate(memory, PIECE) == 0)
    for (size_t at = 0; done && at < sink->bytes; at += PIECE)
      done =
          mmap((char *)sink->at + at, PIECE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, memory, 0) != MAP_FAILED;
  close(memory);
  return done;
}

bool sink_open(struct sink *sink, size_t count) {
  *sink = (struct sink){.bytes = round_up(count * sizeof(double) + 1, PIECE)};
  void *map = mmap(NULL, sink->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (map == MAP_FAILED) return false;
  sink->at = map;
  if (sink->bytes == PIECE || map_over_and_over(sink)) return true;
  sink_close(sink);
  return false;
}

void sink_close(struct sink *sink) {
  if (sink->at) munmap(sink->at, sink->bytes);
  *sink = (struct sink){0};
}

bool sink_keep(struct sink *sink, size_t first, size_t count) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  const size_t begin = first * sizeof(double) / page * page, end = round_up((first + count) * sizeof(double), page);
  if (sink->bytes == PIECE) return true;
  return mmap((char *)sink->at + begin, end - begin, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
              -1, 0) != MAP_FAILED;
}
