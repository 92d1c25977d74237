/* No kernel trains that has not passed its proof, in this process, on this machine. */
#ifndef GRADMARK_PROVED_H
#define GRADMARK_PROVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "train/network.h"

struct proved {
  struct verifier *verifier;
  const gm_impl **impl; /* those that passed */
  size_t count, capacity;
  double seconds; /* that it took */
  bool failed;    /* a proof */
};

/* False, with a complaint, without memory. */
bool proved_open(struct proved *proved, uint64_t seed);
void proved_close(struct proved *proved);

/* Prove what was not proved before: what a network calls when it trains and is looked at, or ops by name, the last
 * followed by NULL. Complain of the first that fails and return false. */
bool proved_network(struct proved *proved, const struct network *network);
bool proved_ops(struct proved *proved, const gm_library *library, const char *isa, const char *const *ops);

#endif
