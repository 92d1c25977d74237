/* What one core can do of each kind of instruction alone: the time of one vector instruction, measured by loops in
 * which the compiler can neither merge nor drop any. The multiply-adds' is the limit of a product of matrices. The
 * others say which kind binds a core twin; none predicts what several kinds take together. */
#ifndef GRADMARK_CORE_H
#define GRADMARK_CORE_H

#include "by_name.h"
#include "machine/operations.h"

enum core_kind { CORE_FMA, CORE_DIVIDE, CORE_ROOT, CORE_OTHER, CORE_LOAD, CORE_STORE, CORE_KINDS };

/* For people: "FMA", "divide/root", "other arithmetic", "load/store". */
const char *core_kind_words(enum core_kind kind);

/* Vectors of one turn of each loop: a test holds them against what the compiler made of it. */
enum { CORE_FMA_CHAINS = 14, CORE_EACH = 8 };
/* Instructions of one maximum, by which `other` is measured. */
#if defined(__aarch64__)
enum { CORE_OF_MAXIMUM = 2 };
#else
enum { CORE_OF_MAXIMUM = 1 };
#endif
enum { CORE_PAGE_FLOATS = 128 };

/* `page` has CORE_PAGE_FLOATS floats, whole lines: what a turn of the widest vectors has. An FMA is a
 * multiplication and an addition where the ISA has none.
 */
typedef struct core_loops {
  void (*run[CORE_KINDS])(size_t turns, float *page);
  gm_body multiply_add; /* elements are vectors of multiply-adds */
  int width;            /* floats per vector */
  bool fused;
} core_loops;

/* The loops that were compiled for an ISA; NULL if there are none. */
const core_loops *core_loops_of(const char *isa);

/* Seconds per vector of each kind, of each of `threads` threads while all of them do the same. */
struct core_times {
  double seconds[CORE_KINDS];
  int width;
  bool fused;
};

/* The median of a few samples of 20 microseconds and more: takes about 1 ms. */
struct core_times core_measure(const core_loops *loops, int threads);

/* Instructions of a turn. */
int core_each(enum core_kind kind);

/* The kind that takes longest on its own. Additions and multiplications count as FMA, whose units they share. */
enum core_kind core_bound_by(const struct core_times *times, const struct operations *operations);

#endif
