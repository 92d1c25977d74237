#include "machine/core.h"

#include <omp.h>
#include <string.h>

#include "machine/clock.h"
#include "sorted.h"

#define ISA(isa, ...)                                                         \
  extern const core_loops gm_core_loops_##isa __attribute__((weak));          \
  extern const assembly gm_assembly_##isa __attribute__((weak));              \
  extern const twin_bodies gm_twin_##isa __attribute__((weak));               \
  extern const twin_bodies gm_twin_by_role_##isa __attribute__((weak));       \
  extern const twin_bodies gm_streaming_twin_##isa __attribute__((weak));     \
  extern const twin_bodies gm_core_twin_##isa##_placed __attribute__((weak)); \
  extern const twin_bodies gm_core_twin_##isa##_free __attribute__((weak));   \
  extern const twin_bodies gm_core_twin_##isa##_line __attribute__((weak));
#include "isas.def"

/* A pointer is NULL where this build has no such object: the symbols are weak. */
static const struct built {
  const char *isa;
  const core_loops *loops;
  const assembly *assembly;
  const twin_bodies *ordinary, *by_role, *streaming, *placed, *free, *line;
} all[] = {
#define ISA(isa, ...)            \
  {#isa,                         \
   &gm_core_loops_##isa,         \
   &gm_assembly_##isa,           \
   &gm_twin_##isa,               \
   &gm_twin_by_role_##isa,       \
   &gm_streaming_twin_##isa,     \
   &gm_core_twin_##isa##_placed, \
   &gm_core_twin_##isa##_free,   \
   &gm_core_twin_##isa##_line},
#include "isas.def"
};

/* NULL for an ISA that there is not. */
static const struct built *find(const char *isa, size_t length) {
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (strlen(all[i].isa) == length && strncmp(all[i].isa, isa, length) == 0) return &all[i];
  return NULL;
}

const core_loops *core_loops_of(const char *isa) {
  const struct built *built = find(isa, strlen(isa));
  return built ? built->loops : NULL;
}

const assembly *assembly_of(const char *isa) {
  const struct built *built = find(isa, strlen(isa));
  return built ? built->assembly : NULL;
}

const char *core_kind_description(enum core_kind kind) {
  static const char *const kinds[CORE_KINDS] = {
      [CORE_FMA] = "FMA",          [CORE_DIVIDE] = "divide/sqrt",
      [CORE_SQRT] = "divide/sqrt", [CORE_OTHER] = "other arithmetic",
      [CORE_LOAD] = "load/store",  [CORE_STORE] = "load/store",
  };
  return kinds[kind];
}

/* Seconds that `turns` turns take while every thread runs them: the mean over the threads. */
static double time_loop(const core_loops *loops, enum core_kind kind, int threads, size_t turns) {
  double sum = 0;
  int ran = 0;
#pragma omp parallel num_threads(threads) reduction(+ : sum, ran) if (threads > 1)
  {
    float page[CORE_PAGE_FLOATS] __attribute__((aligned(64)));
    for (int i = 0; i < CORE_PAGE_FLOATS; i++) page[i] = 1;
#pragma omp barrier
    const double start = clock_seconds();
    loops->run[kind](turns, page);
    sum += clock_seconds() - start;
    ran++;
  }
  return sum / ran;
}

int core_each(enum core_kind kind) {
  return kind == CORE_FMA ? CORE_FMA_CHAINS : kind == CORE_OTHER ? CORE_EACH * CORE_OF_MAXIMUM : CORE_EACH;
}

struct core_times core_measure(const core_loops *loops, int threads) {
  enum { REPEATS = 5 };
  const double least = 20e-6;
  struct core_times times = {.width = loops->width, .fused = loops->fused};
  for (int kind = 0; kind < CORE_KINDS; kind++) {
    size_t turns = 256;
    while (time_loop(loops, (enum core_kind)kind, threads, turns) < least && turns < (size_t)1 << 30) turns *= 2;
    double each[REPEATS];
    for (int repeat = 0; repeat < REPEATS; repeat++)
      each[repeat] = time_loop(loops, (enum core_kind)kind, threads, turns);
    times.seconds[kind] = median(each, REPEATS) / (double)turns / core_each((enum core_kind)kind);
  }
  return times;
}

enum core_kind core_bound_by(const struct core_times *times, const struct operations *operations) {
  const double *count = operations->count, *t = times->seconds;
  const double of_fma = times->fused ? 1 : 0.5; /* of a multiply-add's time, for a lone addition or multiplication */
  const double taken[CORE_KINDS] = {
      [CORE_FMA] = (count[OPERATION_FMA] + of_fma * count[OPERATION_ARITHMETIC]) * t[CORE_FMA],
      [CORE_DIVIDE] = count[OPERATION_DIVIDE] * t[CORE_DIVIDE] + count[OPERATION_SQRT] * t[CORE_SQRT],
      [CORE_OTHER] = count[OPERATION_OTHER] * t[CORE_OTHER],
      [CORE_LOAD] = count[OPERATION_LOAD] * t[CORE_LOAD],
      [CORE_STORE] = count[OPERATION_STORE] * t[CORE_STORE],
  };
  enum core_kind longest = CORE_FMA;
  for (int kind = 0; kind < CORE_KINDS; kind++)
    if (taken[kind] > taken[longest]) longest = (enum core_kind)kind;
  return longest;
}

/* ---- twins ------------------------------------------------------------------------------------------------------ */

static int add(int count, const twin_bodies *bodies, size_t index, const char *description,
               struct twin_build builds[TWIN_MOST_BUILDS]) {
  if (!bodies || !*bodies || !(*bodies)[index] || count == TWIN_MOST_BUILDS) return count;
  builds[count] = (struct twin_build){description, (*bodies)[index]};
  return count + 1;
}

/* Fast ISAs and autovec walk memory as the ISA does whose lanes they are compiled over. What narrower vectors move is
 * moved by this machine, too, and where memory binds sometimes faster. */
int twin_builds(size_t index, const char *isa, bool streaming, struct twin_build builds[TWIN_MOST_BUILDS]) {
  const char *fast = strstr(isa, "_fast");
  const struct built *own = find(isa, fast ? (size_t)(fast - isa) : strlen(isa));
  int count = 0;
  for (const struct built *built = own; built && built >= all; built--) {
    if (built != own && !built->streaming) continue; /* no vectors, or not built */
    count = add(count, built->ordinary, index, "ordinary", builds);
    count = add(count, built->by_role, index, "ordinary", builds);
    if (streaming) count = add(count, built->streaming, index, "streaming", builds);
  }
  return count;
}

int core_twin_builds(size_t index, const char *isa, struct twin_build builds[TWIN_MOST_BUILDS]) {
  const struct built *built = find(isa, strlen(isa));
  if (!built) return 0;
  int count = add(0, built->placed, index, "values in registers, in their place, 4 vectors a turn", builds);
  count = add(count, built->free, index, "values in registers, free to move, a vector a turn", builds);
  return add(count, built->line, index, "values from a line in L1, 2 vectors a turn", builds);
}
