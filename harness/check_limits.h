/* What the checks of `gradmark limits` share. */
#ifndef GRADMARK_CHECK_LIMITS_H
#define GRADMARK_CHECK_LIMITS_H

#include "machine/topology.h"
#include "select.h"

struct check {
  gm_library *library;
  struct machine machine;
  struct selection selection;
  long checked, wrong;
  long missed; /* could not be checked, for want of memory or of a level */
};

void check_wrong(struct check *check, const char *sentence);

/* The plug-ins' implementations beside the best of their ops: slower by as much as they attain less? */
void check_plugins(struct check *check);

#endif
