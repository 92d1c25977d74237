/* What the core's loops took in this run, kept per ISA and thread count for the result file. */
#ifndef GRADMARK_CEILINGS_H
#define GRADMARK_CEILINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "machine/core.h"

struct ceiling {
  const char *isa;
  int threads; /* that ran the loops at once */
  int lanes;   /* floats per vector */
  bool fused;
  double *taken[CORE_KINDS]; /* seconds per vector, in the order taken */
  size_t count, capacity;
};

struct ceilings {
  struct ceiling *ceiling;
  size_t count;
};

/* One measurement more; dropped without memory. */
void ceilings_add(struct ceilings *ceilings, const char *isa, int threads, const struct core_times *times);
/* The median of all, in ns per vector. */
double ceiling_ns(const struct ceiling *ceiling, enum core_kind kind);
void ceilings_free(struct ceilings *ceilings);

#endif
