/* Read once per ISA by the build, not once per kernel. */
#include <arm_neon.h>
