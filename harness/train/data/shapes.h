/* How people write the ten digits: strokes through a few points, in several styles each. */
#ifndef GRADMARK_SHAPES_H
#define GRADMARK_SHAPES_H

#include <stddef.h>

enum { SHAPE_STROKES = 3, SHAPE_POINTS = 14, SHAPE_DIGITS = 10 };

struct point {
  double x, y;
};

/* A curve through its points, in order; the same point twice makes a corner. */
struct stroke {
  size_t points;
  struct point point[SHAPE_POINTS];
};

/* Within the unit square, x to the right, y downwards. */
struct shape {
  size_t strokes;
  struct stroke stroke[SHAPE_STROKES];
};

/* The styles of `digit`, and how many there are. */
const struct shape *shapes_of(unsigned digit, size_t *styles);

#endif
