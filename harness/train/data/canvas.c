#include "train/data/canvas.h"

#include <math.h>

/* Pieces that a curve between two points is drawn in. */
enum { PIECES = 4 };

static double least(double a, double b) { return a < b ? a : b; }
static double most(double a, double b) { return a > b ? a : b; }

static size_t clamped(double x) { return x < 0 ? 0 : x > (double)CANVAS_SIDE ? CANVAS_SIDE : (size_t)x; }

/* Square of the distance from `p` to the line from `a` to `b`. */
static double distance_squared(struct point p, struct point a, struct point b) {
  const double dx = b.x - a.x, dy = b.y - a.y, length_squared = dx * dx + dy * dy;
  double along = length_squared > 0 ? ((p.x - a.x) * dx + (p.y - a.y) * dy) / length_squared : 0;
  along = most(0, least(1, along));
  const double x = p.x - a.x - along * dx, y = p.y - a.y - along * dy;
  return x * x + y * y;
}

static void draw_line(struct canvas *canvas, struct point a, struct point b, double radius, double ink) {
  const double reach = radius + 0.5;
  const size_t left = clamped(least(a.x, b.x) - reach), right = clamped(most(a.x, b.x) + reach + 1);
  const size_t top = clamped(least(a.y, b.y) - reach), bottom = clamped(most(a.y, b.y) + reach + 1);
  for (size_t row = top; row < bottom; row++) {
    for (size_t column = left; column < right; column++) {
      const double squared = distance_squared((struct point){(double)column, (double)row}, a, b);
      if (squared >= reach * reach) continue;
      double *pixel = &canvas->pixel[row * CANVAS_SIDE + column];
      *pixel = most(*pixel, ink * least(1, reach - sqrt(squared)));
    }
  }
}

/* Catmull and Rom's curve from p[1] to p[2] at t within 0..1. */
static double curve(double p0, double p1, double p2, double p3, double t) {
  return p1 + 0.5 * t * (p2 - p0 + t * (2 * p0 - 5 * p1 + 4 * p2 - p3 + t * (3 * (p1 - p2) + p3 - p0)));
}

void canvas_draw(struct canvas *canvas, const struct stroke *stroke, double radius, double ink) {
  const struct point *p = stroke->point;
  const size_t last = stroke->points - 1;
  for (size_t i = 0; i < last; i++) {
    const struct point before = p[i ? i - 1 : 0], after = p[i + 2 <= last ? i + 2 : last];
    struct point from = p[i];
    for (int piece = 1; piece <= PIECES; piece++) {
      const double t = (double)piece / (double)PIECES;
      const struct point to = {curve(before.x, p[i].x, p[i + 1].x, after.x, t),
                               curve(before.y, p[i].y, p[i + 1].y, after.y, t)};
      draw_line(canvas, from, to, radius, ink);
      from = to;
    }
  }
}

/* Along one row or column: pixels `step` apart. */
static void blur_line(double *pixel, size_t step, double share) {
  double before = pixel[0];
  for (size_t i = 0; i < CANVAS_SIDE; i++) {
    const double here = pixel[i * step], after = pixel[(i + 1 < CANVAS_SIDE ? i + 1 : i) * step];
    pixel[i * step] = here + share * (before - here + after - here);
    before = here;
  }
}

void canvas_blur(struct canvas *canvas, double share) {
  for (size_t i = 0; i < CANVAS_SIDE; i++) blur_line(canvas->pixel + i * CANVAS_SIDE, 1, share);
  for (size_t i = 0; i < CANVAS_SIDE; i++) blur_line(canvas->pixel + i, CANVAS_SIDE, share);
}

void canvas_bytes(const struct canvas *canvas, uint8_t *byte) {
  for (size_t i = 0; i < CANVAS_PIXELS; i++) byte[i] = (uint8_t)(most(0, least(1, canvas->pixel[i])) * 255 + 0.5);
}
