/* Times one row: the kernel and its twin by turns, so that whatever disturbs one disturbs the other. */
#ifndef GRADMARK_SAMPLER_H
#define GRADMARK_SAMPLER_H

#include <stdbool.h>
#include <stddef.h>

#include "machine/twin.h"
#include "run/cell.h"
#include "run/row.h"

struct sampler {
  struct cell *cell;
  const gm_impl *impl;
  unsigned cores; /* threads beyond them share one core's units */
  struct twin twin;
  const core_loops *loops;
  long kernel_steps, twin_steps; /* per sample */
  long steps_since_restore;
  double *kernel, *twin_times; /* ns per element */
  size_t count, capacity;
  struct core_times core_before;
};

/* Warms up for `warm_up` seconds and finds how many steps a sample takes to last `sample` seconds. `estimate` gets the
 * seconds that one pair of samples will need. False without memory. */
bool sampler_open(struct sampler *sampler, const gm_library *library, struct cell *cell, const gm_impl *impl,
                  unsigned cores, double warm_up, double sample, double *estimate);

/* One sample of each; returns the seconds of the kernel's, 0 without memory. */
double sampler_take(struct sampler *sampler);

/* Fills the row's figures from the samples, which become the row's. */
void sampler_finish(struct sampler *sampler, struct row *row);
void sampler_close(struct sampler *sampler);

#endif
