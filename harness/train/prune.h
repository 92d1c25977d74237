/* Magnitude pruning: the smallest weights of all layers together become 0, and stay so. */
#ifndef GRADMARK_PRUNE_H
#define GRADMARK_PRUNE_H

#include <stdbool.h>

#include "train/network.h"

/* Prunes the share `pruned` of all weights, those of the least magnitude, and sets the network's mask; no bias is
 * pruned (torch.nn.utils.prune.global_unstructured with L1Unstructured; weights as small as the last one that goes go
 * with it). The network is a `masked` one. False, with a complaint, without memory. */
bool prune_network(struct network *network, double pruned);

#endif
