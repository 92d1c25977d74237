/* The throughput of a core for each kind of instruction by itself: seconds per vector instruction, measured by loops in
 * which the compiler can neither merge nor drop any. That of multiply-adds is the limit of a product of matrices. The
 * others say which kind of instruction a core twin is bound by; they do not predict what several kinds take together.
 */
#ifndef GRADMARK_CORE_H
#define GRADMARK_CORE_H

#include "by_name.h"
#include "machine/operations.h"

enum core_kind { CORE_FMA, CORE_DIVIDE, CORE_SQRT, CORE_OTHER, CORE_LOAD, CORE_STORE, CORE_KINDS };

/* For people: "FMA", "divide/sqrt", "other arithmetic", "load/store". */
const char *core_kind_description(enum core_kind kind);

/* Vectors in one turn of each loop; a test compares them with the compiled loop. */
enum { CORE_FMA_CHAINS = 14, CORE_EACH = 8 };
/* How many instructions one maximum takes; `other` is measured by maxima. */
#if defined(__aarch64__)
enum { CORE_OF_MAXIMUM = 2 };
#else
enum { CORE_OF_MAXIMUM = 1 };
#endif
enum { CORE_PAGE_FLOATS = 128 };

/* `page` has CORE_PAGE_FLOATS floats and begins at a cache line: as much as the widest vectors load or store in a turn.
 * Where the ISA has no FMA, a multiplication and an addition stand for it. */
typedef struct core_loops {
  void (*run[CORE_KINDS])(size_t turns, float *page);
  gm_body multiply_add; /* elements are vectors of multiply-adds */
  int width;            /* floats per vector */
  bool fused;
} core_loops;

/* The loops that were compiled for the ISA of this name; NULL if there are none. */
const core_loops *core_loops_of(const char *isa);

/* Seconds per vector instruction of each kind, on one thread, while `threads` threads run the same loop. */
struct core_times {
  double seconds[CORE_KINDS];
  int width;
  bool fused;
};

/* The median of a few samples of 20 microseconds and more: takes about 1 ms. */
struct core_times core_measure(const core_loops *loops, int threads);

/* How many instructions of its kind a turn of the loop has. */
int core_each(enum core_kind kind);

/* The kind that takes longest on its own. Additions and multiplications count as FMA, whose units they share. */
enum core_kind core_bound_by(const struct core_times *times, const struct operations *operations);

/* The same peaks by straight assembly: what the compiler made of a loop cannot be wrong here, and nothing is shared
 * with it. For checking the loops (gradmark limits). In chains every instruction waits for the one of the turn before;
 * independent ones wait for nothing. As long as there are enough chains both take as long. NULL where there is none.
 * Vectors of a turn: ASSEMBLY_FMA_CHAINS, or CORE_EACH. */
enum { ASSEMBLY_FMA_CHAINS = 12 };

typedef struct assembly {
  void (*independent[CORE_KINDS])(size_t turns, float *page), (*chained[CORE_KINDS])(size_t turns, float *page);
} assembly;
/* NULL where there is none for an ISA. */
const assembly *assembly_of(const char *isa);

/* The two halves of a kernel's limit, as bodies that are run in its place: with its op, its frame, its threads, cut by
 * the same code.
 *
 * The twin walks all streams of the op at once, whatever their lengths, types and number, with no arithmetic: its time
 * is the memory's limit. Streams that are updated keep their values; what is only written gets ordinary numbers. The
 * core twin is the op's own source compiled once more over lanes whose loads and stores cost next to nothing
 * (machine/core_twin_lane.h): its time is the core's limit. It reads no stream but labels, and writes only what a row
 * has one of. A product of matrices has none: its limit is its multiply-adds at the rate of machine/core_loops.c.
 *
 * Both come in a few builds, of which the fastest is the limit. */
enum { TWIN_MOST_BUILDS = 8 };

struct twin_build {
  const char *description; /* for people: "streaming", "values from a line in L1, 2 vectors a turn" */
  const gm_body *body;
};

/* Puts the builds for the plain op at `index` and an ISA into `builds` and returns how many. With `streaming`
 * one may have stores past the caches, for which all that is only written must begin with a line. */
int twin_builds(size_t index, const char *isa, bool streaming, struct twin_build builds[TWIN_MOST_BUILDS]);
int core_twin_builds(size_t index, const char *isa, struct twin_build builds[TWIN_MOST_BUILDS]);

/* What the objects of one ISA and build export: bodies in the order of ops.def without its lists. */
typedef const gm_body *const *twin_bodies;

#endif
