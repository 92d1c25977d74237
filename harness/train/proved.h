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
};

/* False, with a complaint, without memory. */
bool proved_open(struct proved *proved, uint64_t seed);
void proved_close(struct proved *proved);

/* Proves what is called in a step and was not proved before. Complains of the first that fails and returns false. */
bool proved_all(struct proved *proved, const struct network *network);

#endif
