#include "executed_lines.h"

#include <stdio.h>

void executed_lines(const struct executed *executed) {
  for (size_t at = 0; at < executed->bytes; at++)
    if (executed->times[at] != 0)
      printf(" %zx %.9g\n", (size_t)(executed->begin + at - executed->base), executed->times[at]);
}
