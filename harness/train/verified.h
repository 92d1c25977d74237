/* No kernel trains that has not passed its proof, in this process, on this machine. */
#ifndef GRADMARK_VERIFIED_H
#define GRADMARK_VERIFIED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "train/network.h"

struct verified {
  struct verifier *verifier;
  const gm_impl **impl; /* those that passed */
  size_t count, capacity;
  double seconds; /* that it took */
  bool failed;    /* a proof */
};

/* False, with a complaint, without memory. */
bool verified_open(struct verified *verified, uint64_t seed);
void verified_close(struct verified *verified);

/* Prove what was not proved before: what a network calls when it trains and is evaluated, or ops by name, the last
 * followed by NULL. Complain of the first that fails and return false. */
bool verified_network(struct verified *verified, const struct network *network);
bool verified_ops(struct verified *verified, const gm_library *library, const char *isa, const char *const *ops);

#endif
