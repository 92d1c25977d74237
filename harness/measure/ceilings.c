#include "measure/ceilings.h"

#include <stdlib.h>
#include <string.h>

#include "measure/statistics.h"

static struct ceiling *find_or_make(struct ceilings *all, const char *isa, int threads,
                                    const struct core_times *times) {
  for (size_t i = 0; i < all->count; i++)
    if (strcmp(all->ceiling[i].isa, isa) == 0 && all->ceiling[i].threads == threads) return &all->ceiling[i];
  struct ceiling *more = realloc(all->ceiling, (all->count + 1) * sizeof *more);
  if (!more) return NULL;
  all->ceiling = more;
  more[all->count] = (struct ceiling){.isa = isa, .threads = threads, .lanes = times->width, .fused = times->fused};
  return &more[all->count++];
}

static bool grow(struct ceiling *ceiling) {
  if (ceiling->count < ceiling->capacity) return true;
  const size_t capacity = ceiling->capacity ? 2 * ceiling->capacity : 16;
  for (int kind = 0; kind < CORE_KINDS; kind++) {
    double *more = realloc(ceiling->taken[kind], capacity * sizeof *more);
    if (!more) return false;
    ceiling->taken[kind] = more;
  }
  ceiling->capacity = capacity;
  return true;
}

void ceilings_add(struct ceilings *ceilings, const char *isa, int threads, const struct core_times *times) {
  struct ceiling *ceiling = find_or_make(ceilings, isa, threads, times);
  if (!ceiling || !grow(ceiling)) return;
  for (int kind = 0; kind < CORE_KINDS; kind++) ceiling->taken[kind][ceiling->count] = times->seconds[kind];
  ceiling->count++;
}

double ceiling_ns(const struct ceiling *ceiling, enum core_kind kind) {
  return 1e9 * median(ceiling->taken[kind], ceiling->count);
}

void ceilings_free(struct ceilings *ceilings) {
  for (size_t i = 0; i < ceilings->count; i++)
    for (int kind = 0; kind < CORE_KINDS; kind++) free(ceilings->ceiling[i].taken[kind]);
  free(ceilings->ceiling);
  *ceilings = (struct ceilings){0};
}
