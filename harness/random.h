/* Random numbers that are the same on every machine. */
#ifndef GRADMARK_RANDOM_H
#define GRADMARK_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* xoshiro256** (Blackman and Vigna 2018), seeded by splitmix64. */
struct random {
  uint64_t state[4];
};
void random_seed(struct random *random, uint64_t seed);
uint64_t random_bits(struct random *random);

/* 0 <= x < 1, in steps of 2^-53. */
double random_unit(struct random *random);
/* Bell-shaped with mean 0 and variance 1: a sum of twelve, which needs no function whose last bit differs between
 * systems. Never beyond 6. */
double random_bell(struct random *random);
/* 0 .. count-1. The bias of the remainder is below count / 2^64. */
size_t random_below(struct random *random, size_t count);

#endif
