/* A small grey picture, and what a pen, bad light and dirt do to it. Only + - * / and square roots, which are rounded
 * alike everywhere: the same calls give the same picture on every machine. */
#ifndef GRADMARK_CANVAS_H
#define GRADMARK_CANVAS_H

#include <stdint.h>

#include "train/data/shapes.h"

enum { CANVAS_SIDE = 28, CANVAS_PIXELS = CANVAS_SIDE * CANVAS_SIDE };

/* 0 is empty, 1 full ink. Pixel (row, column) is centred at x = column, y = row. */
struct canvas {
  double pixel[CANVAS_PIXELS];
};

/* A pen line with round ends through the stroke's points, smoothly, anti-aliased; `radius` in pixels, ink within 0..1.
 * Where ink is already, the darker stays. */
void canvas_draw(struct canvas *canvas, const struct stroke *stroke, double radius, double ink);

/* Each pixel gives the share `share` (0 .. 1/3) to each of two neighbours, across and then down. */
void canvas_blur(struct canvas *canvas, double share);

/* Rounded to bytes, 0 .. 255; ink outside 0..1 is cut off. */
void canvas_bytes(const struct canvas *canvas, uint8_t *byte);

#endif
