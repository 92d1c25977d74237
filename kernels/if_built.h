/* GM_IF_BUILT(avx2, x) is x in a build that has avx2, else NULL. */
#ifndef GM_IF_BUILT_H
#define GM_IF_BUILT_H

#include "built_isas.h"

#define GM_IF_0(value) NULL
#define GM_IF_1(value) value
#define GM_IF_PASTE_(a, b) a##b
#define GM_IF_PASTE(a, b) GM_IF_PASTE_(a, b)
#define GM_IF_BUILT(isa, value) GM_IF_PASTE(GM_IF_, GM_BUILT_##isa)(value)

#endif
