/* Read once per ISA by the build, not once per kernel: half of what a kernel takes to compile is this header. */
#include <immintrin.h>
