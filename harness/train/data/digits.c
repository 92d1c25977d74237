#include "train/data/digits.h"

#include "random.h"

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

static double within(struct random *random, double most) { return between(random, -most, most); }
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
  hand.shift_x = (CANVAS_SIDE - 1) / 2.0 + within(random, SHIFT);
  hand.shift_y = (CANVAS_SIDE - 1) / 2.0 + within(random, SHIFT);
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
  size_t styles;
  const struct shape *shapes = shapes_of(digit, &styles), *shape = &shapes[random_below(random, styles)];
  const struct hand hand = some_hand(random);
  const double radius = between(random, THINNEST, THICKEST), ink = between(random, FAINTEST, 1);
  for (size_t s = 0; s < shape->strokes; s++) {
    const struct stroke written = strayed(&shape->stroke[s], &hand, random);
    canvas_draw(canvas, &written, radius, ink);
  }
}

/* A short faint line, anywhere. One draw a statement: C leaves the order within one to the compiler. */
static void scratch(struct canvas *canvas, struct random *random) {
  struct stroke stroke = {.points = 3};
  double x = between(random, 0, CANVAS_SIDE), y = between(random, 0, CANVAS_SIDE);
  const double right = within(random, 5), down = within(random, 5);
  for (size_t i = 0; i < stroke.points; i++) {
    stroke.point[i] = (struct point){x, y};
    x += right + within(random, 1);
    y += down + within(random, 1);
  }
  const double radius = between(random, 0.3, 0.7), ink = between(random, 0.1, SCRATCH_INK);
  canvas_draw(canvas, &stroke, radius, ink);
}

/* Specks, lighter or darker than what they fall on. */
static void speckle(struct canvas *canvas, struct random *random) {
  for (size_t specks = random_below(random, SPECKS + 1); specks; specks--) {
    double *pixel = &canvas->pixel[random_below(random, CANVAS_PIXELS)];
    *pixel += within(random, SPECK_INK);
  }
}

unsigned digits_draw(uint8_t pixel[CANVAS_PIXELS], uint64_t seed, uint64_t index) {
  struct random random;
  struct canvas canvas = {{0}};
  random_seed(&random, seed);
  random_seed(&random, random_bits(&random) + index);
  const unsigned digit = (unsigned)random_below(&random, SHAPE_DIGITS);
  for (size_t scratches = random_below(&random, SCRATCHES + 1); scratches; scratches--) scratch(&canvas, &random);
  write_digit(&canvas, &random, digit);
  canvas_blur(&canvas, between(&random, 0, BLUR));
  speckle(&canvas, &random);
  canvas_bytes(&canvas, pixel);
  return digit;
}

bool digits_make(struct train_test *both, size_t train, size_t test, uint64_t seed) {
  struct dataset all;
  if (!dataset_make(&all, train + test, CANVAS_PIXELS, SHAPE_DIGITS)) return false;
  all.rows = all.columns = CANVAS_SIDE;
  all.source = "drawn digits";
  for (size_t i = 0; i < all.samples; i++) {
    uint8_t pixel[CANVAS_PIXELS];
    all.label[i] = (int32_t)digits_draw(pixel, seed, i);
    dataset_set_pixels(all.feature + i * CANVAS_PIXELS, pixel, CANVAS_PIXELS);
  }
  *both = (struct train_test){.train = dataset_part(&all, 0, train), .test = dataset_part(&all, train, test)};
  both->train.memory = all.memory;
  return true;
}
