#include "random.h"

static uint64_t rotate(uint64_t x, int by) { return (x << by) | (x >> (64 - by)); }

void random_seed(struct random *random, uint64_t seed) {
  for (int i = 0; i < 4; i++) { /* splitmix64 */
    seed += 0x9e3779b97f4a7c15U;
    uint64_t z = seed;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    random->state[i] = z ^ (z >> 31);
  }
}

uint64_t random_bits(struct random *random) {
  uint64_t *s = random->state;
  const uint64_t result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;
  s[2] ^= s[0], s[3] ^= s[1], s[1] ^= s[2], s[0] ^= s[3], s[2] ^= t, s[3] = rotate(s[3], 45);
  return result;
}

double random_unit(struct random *random) { return (double)(random_bits(random) >> 11) * 0x1p-53; }

double random_bell(struct random *random) {
  double sum = -6;
  for (int i = 0; i < 12; i++) sum += random_unit(random);
  return sum;
}

size_t random_below(struct random *random, size_t count) { return (size_t)(random_bits(random) % count); }
