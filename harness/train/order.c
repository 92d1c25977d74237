#include "train/order.h"

#include "random.h"

void order_samples(uint32_t *order, size_t count, uint64_t seed, size_t epoch, bool shuffle) {
  struct random random;
  random_seed(&random, seed + 0x632be59bd9b4e019U * (epoch + 1));
  for (size_t i = 0; i < count; i++) order[i] = (uint32_t)i;
  for (size_t i = count; shuffle && i > 1; i--) {
    const size_t j = random_below(&random, i);
    const uint32_t kept = order[i - 1];
    order[i - 1] = order[j], order[j] = kept;
  }
}
