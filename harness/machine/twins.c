/* Which twins were built. Fast ISAs and autovec walk memory as the ISA does whose lanes they are compiled over. */
#include <string.h>

#include "machine/twin.h"

#define ISA(isa, ...)                                                         \
  extern const twin_bodies gm_twin_##isa __attribute__((weak));               \
  extern const twin_bodies gm_twin_by_role_##isa __attribute__((weak));       \
  extern const twin_bodies gm_streaming_twin_##isa __attribute__((weak));     \
  extern const twin_bodies gm_core_twin_##isa##_placed __attribute__((weak)); \
  extern const twin_bodies gm_core_twin_##isa##_free __attribute__((weak));   \
  extern const twin_bodies gm_core_twin_##isa##_line __attribute__((weak));
#include "isas.def"

/* NULL where the build has not got them. */
static const struct {
  const char *isa;
  const twin_bodies *ordinary, *by_role, *streaming, *placed, *free, *line;
} all[] = {
#define ISA(isa, ...)            \
  {#isa,                         \
   &gm_twin_##isa,               \
   &gm_twin_by_role_##isa,       \
   &gm_streaming_twin_##isa,     \
   &gm_core_twin_##isa##_placed, \
   &gm_core_twin_##isa##_free,   \
   &gm_core_twin_##isa##_line},
#include "isas.def"
};

static int find(const char *isa, size_t length) {
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (strlen(all[i].isa) == length && strncmp(all[i].isa, isa, length) == 0) return (int)i;
  return -1;
}

static int add(int count, const twin_bodies *bodies, size_t index, const char *description,
               struct twin_build builds[TWIN_MOST_BUILDS]) {
  if (!bodies || !*bodies || !(*bodies)[index] || count == TWIN_MOST_BUILDS) return count;
  builds[count] = (struct twin_build){description, (*bodies)[index]};
  return count + 1;
}

/* What narrower vectors move is moved by this machine, too, and where memory binds sometimes faster. */
int twin_builds(size_t index, const char *isa, bool streaming, struct twin_build builds[TWIN_MOST_BUILDS]) {
  const char *fast = strstr(isa, "_fast");
  const int own = find(isa, fast ? (size_t)(fast - isa) : strlen(isa));
  int count = 0;
  for (int i = own; i >= 0; i--) {
    if (i != own && !all[i].streaming) continue; /* no vectors, or not built */
    count = add(count, all[i].ordinary, index, "ordinary", builds);
    count = add(count, all[i].by_role, index, "ordinary", builds);
    if (streaming) count = add(count, all[i].streaming, index, "streaming", builds);
  }
  return count;
}

int core_twin_builds(size_t index, const char *isa, struct twin_build builds[TWIN_MOST_BUILDS]) {
  const int i = find(isa, strlen(isa));
  if (i < 0) return 0;
  int count = add(0, all[i].placed, index, "values in registers, in their place, 4 vectors a turn", builds);
  count = add(count, all[i].free, index, "values in registers, free to move, a vector a turn", builds);
  return add(count, all[i].line, index, "values from a line in L1, 2 vectors a turn", builds);
}
