/* The tile's named accumulators leave a compiler nothing to make vectors of: linear_backward.c as it is runs
 * at 15% of the AVX2 peak. A loop over columns reaches 50%. */
#define SWEEP 1
#include "linear/linear_backward.c"
