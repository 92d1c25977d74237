#include "train/digits.h"

#include <math.h>

#include "random.h"

/* ---- how people write the ten digits: strokes through a few points, in several styles each ---------------------- */

enum { MOST_STROKES = 3, MOST_POINTS = 14, DIGITS = 10 };

struct point {
  double x, y;
};

/* A curve through its points, in order; the same point twice makes a corner. */
struct stroke {
  size_t points;
  struct point point[MOST_POINTS];
};

/* Within the unit square, x to the right, y downwards. */
struct shape {
  size_t strokes;
  struct stroke stroke[MOST_STROKES];
};

/* clang-format off */
#define STROKE(...) {sizeof((struct point[]){__VA_ARGS__}) / sizeof(struct point), {__VA_ARGS__}}

static const struct shape zeros[] = {
  {1, {STROKE({.52, .02}, {.25, .14}, {.12, .45}, {.20, .82}, {.48, .98}, {.78, .84}, {.88, .50}, {.76, .14}, {.50, .03})}},
  {1, {STROKE({.62, .06}, {.34, .06}, {.16, .36}, {.18, .74}, {.42, .97}, {.70, .86}, {.84, .52}, {.74, .18}, {.46, .04})}},
};

static const struct shape ones[] = {
  {1, {STROKE({.52, .02}, {.50, .34}, {.49, .66}, {.48, .98})}},
  {1, {STROKE({.32, .24}, {.54, .02}, {.54, .02}, {.53, .50}, {.52, .98})}},
  {2, {STROKE({.30, .22}, {.52, .02}, {.52, .02}, {.51, .50}, {.50, .97}), STROKE({.24, .97}, {.50, .97}, {.78, .96})}},
};

static const struct shape twos[] = {
  {1, {STROKE({.16, .26}, {.30, .06}, {.60, .03}, {.80, .22}, {.68, .48}, {.40, .74}, {.12, .96}, {.12, .96}, {.50, .95}, {.90, .94})}},
  {1, {STROKE({.18, .20}, {.40, .03}, {.70, .08}, {.78, .32}, {.58, .62}, {.30, .88}, {.14, .92}, {.16, .78}, {.36, .80}, {.62, .94}, {.90, .88})}},
};

static const struct shape threes[] = {
  {1, {STROKE({.18, .14}, {.42, .02}, {.74, .10}, {.74, .32}, {.42, .46}, {.42, .46}, {.76, .56}, {.82, .80}, {.52, .98}, {.14, .88})}},
  {1, {STROKE({.18, .06}, {.48, .05}, {.80, .04}, {.80, .04}, {.44, .42}, {.44, .42}, {.74, .50}, {.82, .76}, {.54, .97}, {.16, .90})}},
};

static const struct shape fours[] = {
  {2, {STROKE({.26, .04}, {.20, .30}, {.14, .56}, {.14, .56}, {.50, .57}, {.90, .54}), STROKE({.70, .10}, {.67, .54}, {.64, .98})}},
  {2, {STROKE({.66, .02}, {.36, .36}, {.08, .66}, {.08, .66}, {.50, .67}, {.92, .66}), STROKE({.66, .02}, {.66, .50}, {.66, .98})}},
  {2, {STROKE({.18, .06}, {.16, .36}, {.32, .52}, {.60, .50}, {.80, .40}), STROKE({.80, .04}, {.78, .50}, {.72, .98})}},
};

static const struct shape fives[] = {
  {2, {STROKE({.26, .04}, {.23, .24}, {.20, .46}, {.20, .46}, {.50, .36}, {.80, .52}, {.80, .80}, {.52, .98}, {.16, .90}), STROKE({.26, .04}, {.54, .04}, {.84, .02})}},
  {1, {STROKE({.84, .03}, {.54, .04}, {.28, .06}, {.28, .06}, {.22, .42}, {.22, .42}, {.56, .38}, {.82, .60}, {.70, .92}, {.36, .98}, {.14, .88})}},
};

static const struct shape sixes[] = {
  {1, {STROKE({.70, .02}, {.42, .16}, {.20, .46}, {.16, .78}, {.40, .98}, {.72, .90}, {.80, .66}, {.56, .50}, {.30, .60}, {.18, .78})}},
  {1, {STROKE({.52, .02}, {.30, .30}, {.18, .66}, {.30, .94}, {.60, .97}, {.78, .76}, {.62, .56}, {.36, .60}, {.22, .76})}},
};

static const struct shape sevens[] = {
  {1, {STROKE({.12, .06}, {.50, .05}, {.86, .04}, {.86, .04}, {.64, .48}, {.44, .98})}},
  {2, {STROKE({.12, .08}, {.50, .06}, {.86, .05}, {.86, .05}, {.62, .50}, {.42, .98}), STROKE({.34, .50}, {.60, .49}, {.84, .47})}},
  {1, {STROKE({.14, .22}, {.16, .06}, {.16, .06}, {.50, .07}, {.86, .04}, {.86, .04}, {.58, .42}, {.50, .98})}},
};

static const struct shape eights[] = {
  {1, {STROKE({.74, .12}, {.46, .02}, {.22, .18}, {.40, .42}, {.72, .64}, {.74, .88}, {.48, .98}, {.22, .86}, {.28, .62}, {.58, .42}, {.78, .20}, {.70, .08})}},
  {2, {STROKE({.50, .02}, {.26, .12}, {.28, .38}, {.50, .47}, {.74, .36}, {.74, .12}, {.48, .02}), STROKE({.50, .47}, {.20, .62}, {.22, .88}, {.50, .98}, {.80, .88}, {.80, .62}, {.48, .47})}},
};

static const struct shape nines[] = {
  {1, {STROKE({.78, .22}, {.58, .03}, {.28, .12}, {.20, .38}, {.42, .52}, {.70, .40}, {.79, .18}, {.79, .18}, {.77, .58}, {.74, .98})}},
  {1, {STROKE({.76, .20}, {.52, .03}, {.24, .16}, {.24, .42}, {.50, .52}, {.74, .36}, {.78, .16}, {.78, .16}, {.78, .60}, {.62, .92}, {.30, .94})}},
};
/* clang-format on */

#define STYLES(digit) \
  { sizeof(digit) / sizeof *(digit), digit }
static const struct {
  size_t styles;
  const struct shape *shape;
} shapes[DIGITS] = {STYLES(zeros), STYLES(ones),  STYLES(twos),   STYLES(threes), STYLES(fours),
                    STYLES(fives), STYLES(sixes), STYLES(sevens), STYLES(eights), STYLES(nines)};

/* ---- the picture, and what a pen, bad light and dirt do to it -----------------------------------------------------
 * Only + - * / and square roots, which are rounded alike everywhere: the same calls give the same picture on every
 * machine. */

/* 0 is empty, 1 full ink. Pixel (row, column) is centred at x = column, y = row. */
struct canvas {
  double pixel[DIGITS_PIXELS];
};

/* Pieces that a curve between two points is drawn in. */
enum { PIECES = 4 };

static double least(double a, double b) { return a < b ? a : b; }
static double most(double a, double b) { return a > b ? a : b; }

static size_t clamped(double x) { return x < 0 ? 0 : x > (double)DIGITS_SIDE ? DIGITS_SIDE : (size_t)x; }

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
      double *pixel = &canvas->pixel[row * DIGITS_SIDE + column];
      *pixel = most(*pixel, ink * least(1, reach - sqrt(squared)));
    }
  }
}

/* Catmull and Rom's curve from p[1] to p[2] at t within 0..1. */
static double curve(double p0, double p1, double p2, double p3, double t) {
  return p1 + 0.5 * t * (p2 - p0 + t * (2 * p0 - 5 * p1 + 4 * p2 - p3 + t * (3 * (p1 - p2) + p3 - p0)));
}

/* A pen line with round ends through the stroke's points, smoothly, anti-aliased; `radius` in pixels, ink within 0..1.
 * Where ink is already, the darker stays. */
static void draw_stroke(struct canvas *canvas, const struct stroke *stroke, double radius, double ink) {
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
  for (size_t i = 0; i < DIGITS_SIDE; i++) {
    const double here = pixel[i * step], after = pixel[(i + 1 < DIGITS_SIDE ? i + 1 : i) * step];
    pixel[i * step] = here + share * (before - here + after - here);
    before = here;
  }
}

/* Each pixel gives the share `share` (0 .. 1/3) to each of two neighbours, across and then down. */
static void blur(struct canvas *canvas, double share) {
  for (size_t i = 0; i < DIGITS_SIDE; i++) blur_line(canvas->pixel + i * DIGITS_SIDE, 1, share);
  for (size_t i = 0; i < DIGITS_SIDE; i++) blur_line(canvas->pixel + i, DIGITS_SIDE, share);
}

/* Rounded to bytes, 0 .. 255; ink outside 0..1 is cut off. */
static void store_bytes(const struct canvas *canvas, uint8_t *byte) {
  for (size_t i = 0; i < DIGITS_PIXELS; i++) byte[i] = (uint8_t)(most(0, least(1, canvas->pixel[i])) * 255 + 0.5);
}

/* ---- the hand --------------------------------------------------------------------------------------------------- */

/* How far a hand, a pen and a scan stray, so far that a linear model errs often and one with a hidden layer seldom.
 * Sizes are in pixels, or in the height or width of a digit; the deviation of what is bell-shaped, the most of the
 * others. */
#define HEIGHT 19.0
#define SMALLEST 0.88 /* of the height */
#define LARGEST 1.1
#define NARROWEST 0.7 /* of the height, too */
#define WIDEST 1.05
#define SHIFT 2.4  /* pixels */
#define TILT 0.16  /* radians, bell-shaped */
#define SLANT 0.45 /* of the height */
#define BEND 0.045 /* of the size, bell-shaped */
#define STRAY 0.010
#define THINNEST 1.0 /* the pen's radius in pixels */
#define THICKEST 2.0
#define FAINTEST 0.75 /* ink */
#define BLUR 0.25
#define SCRATCHES 2 /* at most */
#define SCRATCH_INK 0.3
#define SPECKS 11
#define SPECK_INK 0.5

static double between(struct random *random, double low, double high) {
  return low + (high - low) * random_unit(random);
}

static double within(struct random *random, double reach) { return between(random, -reach, reach); }
static double around(struct random *random, double deviation) { return deviation * random_bell(random); }

/* Where the hand puts a point of the unit square. */
struct hand {
  double bend_x[5], bend_y[5];
  double xx, xy, yx, yy; /* slant, size and tilt */
  double shift_x, shift_y;
};

static struct hand some_hand(struct random *random) {
  struct hand hand;
  for (int i = 0; i < 5; i++) hand.bend_x[i] = around(random, BEND), hand.bend_y[i] = around(random, BEND);
  const double size = HEIGHT * between(random, SMALLEST, LARGEST);
  const double wide = size * between(random, NARROWEST, WIDEST), slant = within(random, SLANT) * size;
  const double half = around(random, TILT / 2), cosine = (1 - half * half) / (1 + half * half),
               sine = 2 * half / (1 + half * half);
  hand.xx = cosine * wide, hand.xy = -cosine * slant - sine * size;
  hand.yx = sine * wide, hand.yy = cosine * size - sine * slant;
  hand.shift_x = (DIGITS_SIDE - 1) / 2.0 + within(random, SHIFT);
  hand.shift_y = (DIGITS_SIDE - 1) / 2.0 + within(random, SHIFT);
  return hand;
}

static struct point placed(const struct hand *hand, struct point p) {
  const double x = p.x - 0.5, y = p.y - 0.5;
  const double curved[5] = {4 * x * x - 0.5, 4 * x * y, 4 * y * y - 0.5, 8 * y * y * y - y, 8 * x * y * y - x};
  double bent_x = x, bent_y = y;
  for (int i = 0; i < 5; i++) bent_x += hand->bend_x[i] * curved[i], bent_y += hand->bend_y[i] * curved[i];
  return (struct point){hand->shift_x + hand->xx * bent_x + hand->xy * bent_y,
                        hand->shift_y + hand->yx * bent_x + hand->yy * bent_y};
}

/* The stroke as written: each point strays a little by itself, the two of a corner together. */
static struct stroke strayed(const struct stroke *stroke, const struct hand *hand, struct random *random) {
  struct stroke written = *stroke;
  for (size_t i = 0; i < stroke->points; i++) {
    const struct point p = stroke->point[i];
    if (i && p.x == stroke->point[i - 1].x && p.y == stroke->point[i - 1].y) {
      written.point[i] = written.point[i - 1];
      continue;
    }
    const double x = p.x + around(random, STRAY), y = p.y + around(random, STRAY);
    written.point[i] = placed(hand, (struct point){x, y});
  }
  return written;
}

static void write_digit(struct canvas *canvas, struct random *random, unsigned digit) {
  const struct shape *shape = &shapes[digit].shape[random_below(random, shapes[digit].styles)];
  const struct hand hand = some_hand(random);
  const double radius = between(random, THINNEST, THICKEST), ink = between(random, FAINTEST, 1);
  for (size_t s = 0; s < shape->strokes; s++) {
    const struct stroke written = strayed(&shape->stroke[s], &hand, random);
    draw_stroke(canvas, &written, radius, ink);
  }
}

/* A short faint line, anywhere. One draw a statement: C leaves the order within one to the compiler. */
static void scratch(struct canvas *canvas, struct random *random) {
  struct stroke stroke = {.points = 3};
  double x = between(random, 0, DIGITS_SIDE), y = between(random, 0, DIGITS_SIDE);
  const double right = within(random, 5), down = within(random, 5);
  for (size_t i = 0; i < stroke.points; i++) {
    stroke.point[i] = (struct point){x, y};
    x += right + within(random, 1);
    y += down + within(random, 1);
  }
  const double radius = between(random, 0.3, 0.7), ink = between(random, 0.1, SCRATCH_INK);
  draw_stroke(canvas, &stroke, radius, ink);
}

/* Specks, lighter or darker than what they fall on. */
static void speckle(struct canvas *canvas, struct random *random) {
  for (size_t specks = random_below(random, SPECKS + 1); specks; specks--) {
    double *pixel = &canvas->pixel[random_below(random, DIGITS_PIXELS)];
    *pixel += within(random, SPECK_INK);
  }
}

unsigned digits_draw(uint8_t pixel[DIGITS_PIXELS], uint64_t seed, uint64_t index) {
  struct random random;
  struct canvas canvas = {{0}};
  random_seed(&random, seed);
  random_seed(&random, random_bits(&random) + index);
  const unsigned digit = (unsigned)random_below(&random, DIGITS);
  for (size_t scratches = random_below(&random, SCRATCHES + 1); scratches; scratches--) scratch(&canvas, &random);
  write_digit(&canvas, &random, digit);
  blur(&canvas, between(&random, 0, BLUR));
  speckle(&canvas, &random);
  store_bytes(&canvas, pixel);
  return digit;
}

bool digits_make(struct training_data *both, size_t train, size_t test, uint64_t seed) {
  struct samples all;
  if (!samples_make(&all, train + test, DIGITS_PIXELS, DIGITS)) return false;
  all.rows = all.columns = DIGITS_SIDE;
  all.source = "drawn digits";
  for (size_t i = 0; i < all.count; i++) {
    uint8_t pixel[DIGITS_PIXELS];
    all.label[i] = (int32_t)digits_draw(pixel, seed, i);
    samples_set_pixels(all.feature + i * DIGITS_PIXELS, pixel, DIGITS_PIXELS);
  }
  samples_split(&all, train, both);
  return true;
}
