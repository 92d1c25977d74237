/* Times one row: the kernel and its two twins by turns, so that whatever disturbs one disturbs the others. Several
 * samplers may be open on one group. */
#ifndef GRADMARK_SAMPLER_H
#define GRADMARK_SAMPLER_H

#include <stdbool.h>
#include <stddef.h>

#include "machine/limit.h"
#include "measure/group.h"
#include "measure/row.h"
#include "verify/trap.h"

/* What the core's loops took in this run, kept per ISA and thread count for the result file. */
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

/* The median of all, in ns per vector. */
double ceiling_ns(const struct ceiling *ceiling, enum core_kind kind);
void ceilings_free(struct ceilings *ceilings);

struct sampler_settings {
  const gm_library *library;
  double sample_seconds;     /* how long a sample lasts, at least one step */
  double delay;              /* 0.05: every sample of the kernel is lengthened by 5%, to test comparisons */
  bool limits;               /* with its twins */
  struct ceilings *ceilings; /* get what the core's loops took */
};

enum sampled { SAMPLED_KERNEL, SAMPLED_TWIN, SAMPLED_CORE_TWIN, SAMPLED };

/* Must stay where it is while it is open. */
struct sampler {
  const struct sampler_settings *settings;
  struct group *group;
  const gm_impl *impl;
  struct limits limits;
  long steps[SAMPLED];                 /* per sample */
  double *taken[SAMPLED];              /* ns per element */
  size_t count, limit_count, capacity; /* of the kernel's, of each twin's */
  struct visit *visit;                 /* how they are cut */
  size_t visits, visit_capacity;
  double call_seconds;                  /* of the kernel, as estimated */
  double kernel_seconds, limit_seconds; /* that a sample of it, and one of each twin, will take, as estimated */
  double seconds;                       /* that the kernel's samples took */
  double waited;                        /* of these, on purpose */
  char failure[TRAP_SENTENCE];          /* what was wrong with a call; empty: nothing */
};

/* Finds how many steps a sample takes, and the twins' builds. The first call is watched. False without memory, or
 * where a call fails, which `failure` then says; so do all below. */
bool sampler_open(struct sampler *sampler, const struct sampler_settings *settings, struct group *group,
                  const gm_impl *impl);

/* Begins the visit of a round, or goes on with it, where Google Benchmark comes several times. A set that lives in a
 * cache is brought there by a call that is not timed. False without memory. */
bool sampler_begin(struct sampler *sampler, size_t round);

/* A sample is long where no cache holds what a call goes over: then a visit has one of each twin alone. */
bool sampler_is_long(const struct sampler *sampler);

/* One sample, and one of each twin, of this visit. False without memory. */
bool sampler_take(struct sampler *sampler);

/* Fills the row's figures from the samples, at least one, which become the row's. False without memory. */
bool sampler_finish(struct sampler *sampler, struct row *row);
void sampler_close(struct sampler *sampler);

#endif
