/* Steps worked out by hand, written out with their values: what each op's formula means, independent of the oracle.
 * Every implementation that runs here must give them, and so must the oracle. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/oracle.h"
#include "support.h"

enum { MOST = 12 };

/* One step. Streams and hyperparameters are in the order of the op's row; of an elementwise op every element is one
 * step of its own. `exact` inputs are exact in f32, so that the oracle must give `after` as far as double does. */
struct golden {
  const char *what, *op;
  size_t size[3];
  double hyper[GM_MAX_HYPERS];
  double before[GM_MAX_STREAMS][MOST], after[GM_MAX_STREAMS][MOST];
  bool exact;
};

#define LN2 0.69314718055994531
#define LN3 1.0986122886681098
#define LN4 (2 * LN2)
#define LN5 1.6094379124341003

static const struct golden goldens[] = {
    /* 2 - 0.125 (0.5 + 0.25 2) = 1.875; then 1.875 - 0.125 (0.5 + 0.25 1.875) */
    {"first step", "sgd", {2}, {0.125, 0.25}, {{2, 1.875}, {0.5, 0.5}}, {{1.875, 1.75390625}, {0.5, 0.5}}, true},
    {"without decay", "sgd", {2}, {0.1, 0}, {{1, -1}, {2, 2}}, {{0.8, -1.2}, {2, 2}}, true},

    /* from 0: v = 0.1, p = 1 - 0.5 0.1; the next two from there: v = 0.9 0.1 + 0.1, then 0.9 0.19 - 0.1 */
    {"first step", "sgd_ema", {1}, {0.5, 0.9}, {{1}, {1}, {0}}, {{0.95}, {1}, {0.1}}, true},
    {"next two",
     "sgd_ema",
     {2},
     {0.5, 0.9},
     {{0.95, 0.855}, {1, -1}, {0.1, 0.19}},
     {{0.855, 0.8195}, {1, -1}, {0.19, 0.071}},
     false},

    /* the first step takes the gradient itself, 0.5 + 0.25 2 = 1, dampened or not, and forgets what the buffer held */
    {"first step",
     "momentum",
     {2},
     {0.125, 0.5, 0.75, 0.25, 0, 1},
     {{2, 2}, {0.5, 0.5}, {NAN, 8}},
     {{1.875, 1.875}, {0.5, 0.5}, {1, 1}},
     true},
    /* g = 0.5 + 0.25 1.875, buffer = 0.5 1 + 0.25 g */
    {"second step, dampened",
     "momentum",
     {1},
     {0.125, 0.5, 0.75, 0.25, 0, 2},
     {{1.875}, {0.5}, {1}},
     {{1.7822265625}, {0.5}, {0.7421875}},
     true},
    /* 2 - 0.125 (1 + 0.5 1); then buffer = 0.5 1 - 1, and 1.8125 - 0.125 (-1 - 0.5 0.5) */
    {"first step, Nesterov",
     "momentum",
     {1},
     {0.125, 0.5, 0, 0, 1, 1},
     {{2}, {1}, {INFINITY}},
     {{1.8125}, {1}, {1}},
     true},
    {"second step, Nesterov",
     "momentum",
     {1},
     {0.125, 0.5, 0, 0, 1, 2},
     {{1.8125}, {-1}, {1}},
     {{1.96875}, {-1}, {-0.5}},
     true},

    /* v = 0.25 9 = 2.25, sqrt(2.25 + 0.31) = 1.6, p = 1 - 0.16 3 / 1.6; then v = 0.75 2.25 + 2.25 */
    {"first step", "rmsprop_tutorial", {1}, {0.16, 0.75, 0.31}, {{1}, {3}, {0}}, {{0.7}, {3}, {2.25}}, true},
    {"second step",
     "rmsprop_tutorial",
     {1},
     {0.16, 0.75, 0.31},
     {{0.7}, {-3}, {2.25}},
     {{0.93290271091}, {-3}, {3.9375}},
     false},

    /* g = 3 + 0.5 2 = 4, v = 0.25 16 = 4, p = 2 - 0.125 4 / (2 + 0.5); without decay, from v = 4: v = 0.75 4 + 0.25 16
     */
    {"first step", "rmsprop", {1}, {0.125, 0.75, 0.5, 0.5}, {{2}, {3}, {0}}, {{1.8}, {3}, {4}}, true},
    {"second step", "rmsprop", {1}, {0.125, 0.75, 0.5, 0}, {{2}, {-4}, {4}}, {{2.15894454156034}, {-4}, {7}}, true},
    /* v = 0.5 10 + 0.5 16 = 13, mean = 2 + 0.5 (4 - 2) = 3, sqrt(13 - 9) = 2; then v = 0.5 and mean = 2, whose square
     * is larger, as rounding may have it: divided by eps alone */
    {"one step", "rmsprop_centered", {1}, {0.125, 0.5, 0.5, 0.5}, {{2}, {3}, {10}, {2}}, {{1.8}, {3}, {13}, {3}}, true},
    {"less than nothing",
     "rmsprop_centered",
     {1},
     {0.125, 0.5, 0.25, 0},
     {{1}, {1}, {0}, {3}},
     {{0.5}, {1}, {0.5}, {2}},
     true},
    /* the quotient is 4 / 2.5 as above; buffer = 0.5 1 + 1.6, p = 2 - 0.125 2.1 */
    {"one step",
     "rmsprop_momentum",
     {1},
     {0.125, 0.75, 0.5, 0.5, 0.5},
     {{2}, {3}, {0}, {1}},
     {{1.7375}, {3}, {4}, {2.1}},
     true},
    {"one step",
     "rmsprop_centered_momentum",
     {1},
     {0.125, 0.5, 0.5, 0.5, 0.5},
     {{2}, {3}, {10}, {2}, {1}},
     {{1.7375}, {3}, {13}, {3}, {2.1}},
     true},

    /* g = 3 + 0.5 2 = 4, sum = 9 + 16, lr = 0.25 / (1 + 2 0.5), p = 2 - 0.125 4 / (5 + 3) */
    {"third step", "adagrad", {1}, {0.25, 0.5, 3, 0.5, 3}, {{2}, {3}, {9}}, {{1.9375}, {3}, {25}}, true},

    /* With eps 1 a gradient g moves p by lr g / (|g| + 1) in the first step. g = 3 + 0.5 2 = 4: 2 - 0.1 4/5 */
    {"first step, decay in the gradient",
     "adam",
     {2},
     {0.1, 0.9, 0.999, 1, 0.5, 1},
     {{2, 0}, {3, 0}, {0, 0}, {0, 0}},
     {{1.92, 0}, {3, 0}, {0.4, 0}, {0.016, 0}},
     true},
    /* g = 3 + 0.5 1.92 = 3.96, m = 0.36 + 0.396, v = 0.015984 + 0.0156816, m/0.19 = 3.97895, v/0.001999 = 3.98004^2 */
    {"second step",
     "adam",
     {1},
     {0.1, 0.9, 0.999, 1, 0.5, 2},
     {{1.92}, {3}, {0.4}, {0.016}},
     {{1.8401021041631789}, {3}, {0.756}, {0.0316656}},
     false},
    /* With a small eps the first step moves every parameter by lr against its gradient's sign, whatever its size. */
    {"first step, usual eps",
     "adam",
     {4},
     {1e-3, 0.9, 0.999, 1e-8, 0, 1},
     {{1, 1, 1, 0}, {0.5, -0.5, 1024, 0}, {0}, {0}},
     {{0.99900000002, 1.00099999998, 0.99900000000000977, 0},
      {0.5, -0.5, 1024, 0},
      {0.05, -0.05, 102.4, 0},
      {0.00025, 0.00025, 1048.576, 0}},
     true},

    /* 0.95 2 - 0.1 3/4; the moving means know nothing of the decay */
    {"first step, decay beside the step",
     "adamw",
     {2},
     {0.1, 0.9, 0.999, 1, 0.5, 1},
     {{2, 0}, {3, 0}, {0, 0}, {0, 0}},
     {{1.825, 0}, {3, 0}, {0.3, 0}, {0.009, 0}},
     true},
    /* the same gradient again: bias-corrected, m is 3 and v is 9 as before, so the step is 0.075 again */
    {"second step",
     "adamw",
     {1},
     {0.1, 0.9, 0.999, 1, 0.5, 2},
     {{1.825}, {3}, {0.3}, {0.009}},
     {{1.65875}, {3}, {0.57}, {0.017991}},
     false},
    /* m = 0.513 - 0.3, m/0.271 = 0.785978, v/(1 - 0.999^3) = 9 */
    {"third step, gradient turned",
     "adamw",
     {1},
     {0.1, 0.9, 0.999, 1, 0.5, 3},
     {{1.65875}, {-3}, {0.57}, {0.017991}},
     {{1.5561630535055349}, {-3}, {0.213}, {0.026973009}},
     false},
    /* After very many steps nothing is left to correct: 1 - 0.25 0.5 / (0.25 + 0.25) */
    {"step 1e9",
     "adamw",
     {1},
     {0.25, 0.5, 0.5, 0.25, 0, 1e9},
     {{1}, {0.5}, {0.5}, {-0.125}},
     {{0.75}, {0.5}, {0.5}, {0.0625}},
     true},

    /* Without decay a gradient is what it is, whatever the parameter: 0 times infinity would be NaN. */
    {"no decay", "sgd", {2}, {0.125, 0}, {{INFINITY, NAN}, {2, 2}}, {{INFINITY, NAN}, {2, 2}}, true},
    {"no decay",
     "momentum",
     {2},
     {0.125, 0.5, 0, 0, 0, 2},
     {{INFINITY, NAN}, {2, 2}, {1, 1}},
     {{INFINITY, NAN}, {2, 2}, {2.5, 2.5}},
     true},
    {"no decay, first step, Nesterov",
     "momentum",
     {1},
     {0.125, 0.5, 0, 0, 1, 1},
     {{-INFINITY}, {2}, {1}},
     {{-INFINITY}, {2}, {2}},
     true},
    {"no decay",
     "rmsprop",
     {2},
     {0.125, 0.75, 0.5, 0},
     {{INFINITY, NAN}, {-4, -4}, {4, 4}},
     {{INFINITY, NAN}, {-4, -4}, {7, 7}},
     true},
    {"no decay",
     "rmsprop_centered",
     {2},
     {0.125, 0.5, 0.25, 0},
     {{INFINITY, NAN}, {1, 1}, {0, 0}, {3, 3}},
     {{INFINITY, NAN}, {1, 1}, {0.5, 0.5}, {2, 2}},
     true},
    {"no decay",
     "rmsprop_momentum",
     {2},
     {0.125, 0.75, 0.5, 0, 0.5},
     {{INFINITY, NAN}, {4, 4}, {0, 0}, {1, 1}},
     {{INFINITY, NAN}, {4, 4}, {4, 4}, {2.1, 2.1}},
     true},
    {"no decay",
     "rmsprop_centered_momentum",
     {2},
     {0.125, 0.5, 0.5, 0, 0.5},
     {{INFINITY, NAN}, {4, 4}, {10, 10}, {2, 2}, {1, 1}},
     {{INFINITY, NAN}, {4, 4}, {13, 13}, {3, 3}, {2.1, 2.1}},
     true},
    {"no decay",
     "adagrad",
     {2},
     {0.25, 0.5, 3, 0, 3},
     {{INFINITY, NAN}, {4, 4}, {9, 9}},
     {{INFINITY, NAN}, {4, 4}, {25, 25}},
     true},
    {"no decay",
     "adam",
     {2},
     {0.1, 0.9, 0.999, 1, 0, 1},
     {{INFINITY, NAN}, {3, 3}, {0, 0}, {0, 0}},
     {{INFINITY, NAN}, {3, 3}, {0.3, 0.3}, {0.009, 0.009}},
     true},
    {"no decay",
     "adamw",
     {2},
     {0.1, 0.9, 0.999, 1, 0, 1},
     {{INFINITY, NAN}, {3, 3}, {0, 0}, {0, 0}},
     {{INFINITY, NAN}, {3, 3}, {0.3, 0.3}, {0.009, 0.009}},
     true},
    {"no penalty", "l1_penalty_grad", {2}, {0}, {{0.5, 2}, {INFINITY, NAN}}, {{0.5, 2}, {INFINITY, NAN}}, true},
    {"no penalty", "l2_penalty_grad", {2}, {0}, {{0.5, 2}, {INFINITY, NAN}}, {{0.5, 2}, {INFINITY, NAN}}, true},

    {"every sign",
     "l1_penalty_grad",
     {5},
     {0.25},
     {{0.5, 0.5, 0.5, 0.5, 0.5}, {-2, 0, -0.0, 3, 1e-40}},
     {{0.25, 0.5, 0.5, 0.75, 0.75}, {-2, 0, -0.0, 3, 1e-40}},
     true},
    {"every sign", "l2_penalty_grad", {3}, {0.25}, {{0.5, 0.5, 0.5}, {-2, 0, 4}}, {{0, 0.5, 1.5}, {-2, 0, 4}}, true},

    {"every side of the threshold",
     "l1_proximal",
     {6},
     {0.25},
     {{-2, 0.125, -0.125, 0.25, 0, 3}},
     {{-1.75, 0, 0, 0, 0, 2.75}},
     true},
    {"within and beyond", "clip_value", {5}, {0.5}, {{-2, -0.5, 0.25, 0, 3}}, {{-0.5, -0.5, 0.25, 0, 0.5}}, true},
    {"clipped to nothing", "clip_value", {3}, {0}, {{-2, 0, 3}}, {{0, 0, 0}}, true},
    /* the norm is 5; 2.5 / (5 + 1e-6) = 0.4999999 */
    {"twice too long",
     "clip_norm",
     {3},
     {2.5},
     {{3, 0, -4}, {-1}},
     {{3 * 2.5 / 5.000001, 0, -4 * 2.5 / 5.000001}, {5}},
     true},
    {"short enough", "clip_norm", {2}, {13.5}, {{5, -12}, {-1}}, {{5, -12}, {13}}, true},
    {"all zero", "clip_norm", {2}, {1}, {{0, 0}, {-1}}, {{0, 0}, {0}}, true},
    {"nothing allowed", "clip_norm", {2}, {0}, {{3, 4}, {-1}}, {{0, 0}, {5}}, true},
    {"about the threshold",
     "prune",
     {6},
     {0.5},
     {{-2, 0.5, -0.5, 0.25, 0, 0.75}, {9, 9, 9, 9, 9, 9}},
     {{-2, 0, 0, 0, 0, 0.75}, {1, 0, 0, 0, 0, 1}},
     true},
    {"zero prunes zeros", "prune", {3}, {0}, {{-1e-45, 0, 3}, {9, 9, 9}}, {{-1e-45, 0, 3}, {1, 0, 1}}, false},
    {"any but 0", "apply_mask", {4}, {0}, {{1, 2, 3, 4}, {1, 0, -128, 5}}, {{1, 0, 3, 4}, {1, 0, -128, 5}}, true},

    /* absmax 127 makes the scale 1: ties go to even codes */
    {"ties",
     "quantize",
     {9},
     {0},
     {{0.5, 1.5, 2.5, -0.5, -1.5, 126.5, -126.5, 127, 0.25}, {9, 9, 9, 9, 9, 9, 9, 9, 9}, {-1}},
     {{0.5, 1.5, 2.5, -0.5, -1.5, 126.5, -126.5, 127, 0.25}, {0, 2, 2, 0, -2, 126, -126, 127, 0}, {1}},
     true},
    {"minus the largest",
     "quantize",
     {3},
     {0},
     {{-254, 101, 0}, {9, 9, 9}, {-1}},
     {{-254, 101, 0}, {-127, 50, 0}, {2}},
     true},
    {"all zero", "quantize", {2}, {0}, {{0, 0}, {9, 9}, {-1}}, {{0, 0}, {0, 0}, {0}}, true},
    {"two rows and zeros",
     "quantize_rows",
     {3, 2},
     {0},
     {{127, 64.5, 0, 0, 6.35, -3.2}, {9, 9, 9, 9, 9, 9}, {9, 9, 9}},
     {{127, 64.5, 0, 0, 6.35, -3.2}, {127, 64, 0, 0, 127, -64}, {1, 0, 0.05}},
     false},
    {"codes",
     "dequantize",
     {4},
     {0.5},
     {{-127, 0, 3, 127}, {9, 9, 9, 9}},
     {{-127, 0, 3, 127}, {-63.5, 0, 1.5, 63.5}},
     true},
    {"two rows",
     "dequantize_rows",
     {2, 2},
     {0},
     {{-127, 2, 3, -128}, {0.5, 2}, {9, 9, 9, 9}},
     {{-127, 2, 3, -128}, {0.5, 2}, {-63.5, 1, 6, -256}},
     true},
    {"one in four", "grad_accumulate", {3}, {0.25}, {{1, -2, 0}, {4, 8, -2}}, {{2, 0, -0.5}, {4, 8, -2}}, true},
    {"of four", "grad_average", {3}, {4}, {{4, -2, 0}}, {{1, -0.5, 0}}, true},
    {"of three", "grad_average", {2}, {3}, {{3, -1}}, {{1, -1 / 3.0}}, true},

    {"3, 4, 12, 84", "grad_sumsq", {4}, {0}, {{3, -4, 12, 84}, {-1}}, {{3, -4, 12, 84}, {85 * 85}}, true},
    {"one", "grad_sumsq", {1}, {0}, {{-1.5}, {-1}}, {{-1.5}, {2.25}}, true},

    /* differences 1, -2, 0, 3: loss 14/4, gradients 2/4 of them */
    {"four",
     "mse",
     {4},
     {0},
     {{1, 2, 3, 1}, {0, 4, 3, -2}, {9, 9, 9, 9}, {-1}},
     {{1, 2, 3, 1}, {0, 4, 3, -2}, {0.5, -1, 0, 1.5}, {3.5}},
     true},
    /* a difference of 2^128, which is beyond f32, beside a small one: both gradients and the loss are not */
    {"opposite and huge",
     "mse",
     {4},
     {0},
     {{0x1p127, 0x1p-20, 0, -0x1p127}, {-0x1p127, 0, 0, 0x1p127}, {9, 9, 9, 9}, {-1}},
     {{0x1p127, 0x1p-20, 0, -0x1p127}, {-0x1p127, 0, 0, 0x1p127}, {0x1p127, 0x1p-21, 0, -0x1p127}, {0x1p255}},
     true},
    {"huge beside what is no number",
     "mse",
     {4},
     {0},
     {{0x1p127, NAN, 1, INFINITY}, {-0x1p127, 0, 0, 0}, {9, 9, 9, 9}, {-1}},
     {{0x1p127, NAN, 1, INFINITY}, {-0x1p127, 0, 0, 0}, {0x1p127, NAN, 0.5, INFINITY}, {NAN}},
     true},

    /* the same differences: 6/4; either zero has none */
    {"four",
     "l1_loss",
     {4},
     {0},
     {{1, 2, 3, 1}, {0, 4, 3, -2}, {9, 9, 9, 9}, {-1}},
     {{1, 2, 3, 1}, {0, 4, 3, -2}, {0.25, -0.25, 0, 0.25}, {1.5}},
     true},
    {"opposite and huge",
     "l1_loss",
     {4},
     {0},
     {{0x1p127, 1, 0, -0x1p127}, {-0x1p127, 0, 0, 0x1p127}, {9, 9, 9, 9}, {-1}},
     {{0x1p127, 1, 0, -0x1p127}, {-0x1p127, 0, 0, 0x1p127}, {0.25, 0.25, 0, -0.25}, {0x1p127}},
     true},
    /* differences 1, -2 (at the corner both sides give 2), 3, -5: (0.5 + 2 + 2 (3 - 1) + 2 (5 - 1)) / 4 */
    {"inside, at the corner, outside",
     "huber",
     {4},
     {2},
     {{1, 0, 3, -4}, {0, 2, 0, 1}, {9, 9, 9, 9}, {-1}},
     {{1, 0, 3, -4}, {0, 2, 0, 1}, {0.25, -0.5, 0.5, -0.5}, {3.625}},
     true},
    /* 0.25^2 / 2 and 0.5 (1 - 0.25): not smooth L1, which would divide by delta */
    {"delta 0.5",
     "huber",
     {2},
     {0.5},
     {{0.25, 1}, {0, 0}, {9, 9}, {-1}},
     {{0.25, 1}, {0, 0}, {0.125, 0.25}, {0.203125}},
     true},
    {"opposite and huge",
     "huber",
     {2},
     {0.5},
     {{0x1p127, 1}, {-0x1p127, 0}, {9, 9}, {-1}},
     {{0x1p127, 1}, {-0x1p127, 0}, {0.25, 0.25}, {0x1p126}},
     true},

    /* ln 4, ln 4/3 and their mean; gradients (p - t) / (p (1 - p)) / 3 */
    {"a quarter and three, half a target",
     "bce",
     {3},
     {0},
     {{0.25, 0.75, 0.75}, {1, 1, 0.5}, {9, 9, 9}, {-1}},
     {{0.25, 0.75, 0.75}, {1, 1, 0.5}, {-4 / 3.0, -4 / 9.0, 4 / 9.0}, {LN4 - 0.5 * LN3}},
     true},
    /* no logarithm below -100, no divisor below 1e-12 */
    {"sure, right and wrong",
     "bce",
     {4},
     {0},
     {{0, 1, 1, 0}, {0, 1, 0, 1}, {9, 9, 9, 9}, {-1}},
     {{0, 1, 1, 0}, {0, 1, 0, 1}, {0, 0, 2.5e11, -2.5e11}, {50}},
     true},
    /* sigmoids 3/4 and 1/4: losses ln 4/3 and ln 4/3 + ln 3 / 2 */
    {"ln 3 and its opposite",
     "bce_logits",
     {2},
     {0},
     {{LN3, -LN3}, {1, 0.5}, {9, 9}, {-1}},
     {{LN3, -LN3}, {1, 0.5}, {-0.125, -0.125}, {LN4 - 0.75 * LN3}},
     false},
    {"far out",
     "bce_logits",
     {4},
     {0},
     {{1000, -1000, 1000, -1000}, {1, 0, 0, 1}, {9, 9, 9, 9}, {-1}},
     {{1000, -1000, 1000, -1000}, {1, 0, 0, 1}, {0, 0, 0.25, -0.25}, {500}},
     true},

    {"ln(1, 2, 5)", "softmax", {1, 3}, {1}, {{0, LN2, LN5}, {9, 9, 9}}, {{0, LN2, LN5}, {0.125, 0.25, 0.625}}, false},
    {"2 ln(1, 2, 5) at temperature 2",
     "softmax",
     {1, 3},
     {2},
     {{0, 2 * LN2, 2 * LN5}, {9, 9, 9}},
     {{0, 2 * LN2, 2 * LN5}, {0.125, 0.25, 0.625}},
     false},

    /* softmax of ln(1, 2, 5) is (1, 2, 5)/8 and its loss at the third ln 8/5; of three equal ones, far from zero, 1/3
     */
    {"two rows",
     "softmax_xent",
     {2, 3},
     {0},
     {{0, LN2, LN5, 100, 100, 100}, {2, 0}, {9, 9, 9, 9, 9, 9}, {-1}},
     {{0, LN2, LN5, 100, 100, 100},
      {2, 0},
      {1 / 16.0, 1 / 8.0, -3 / 16.0, -1 / 3.0, 1 / 6.0, 1 / 6.0},
      {0.7843079589569227}},
     false},
    {"one class", "softmax_xent", {2, 1}, {0}, {{-7, 9}, {0, 0}, {9, 9}, {-1}}, {{-7, 9}, {0, 0}, {0, 0}, {0}}, true},
    {"sure, and wrong",
     "softmax_xent",
     {1, 2},
     {0},
     {{-50, 50}, {0}, {9, 9}, {-1}},
     {{-50, 50}, {0}, {-1, 1}, {100}},
     true},

    /* target (0.1, 0.1, 0.8): the label has its share of the 0.3, too */
    {"0.3 shared among three",
     "softmax_xent_smooth",
     {1, 3},
     {0.3},
     {{0, LN2, LN5}, {2}, {9, 9, 9}, {-1}},
     {{0, LN2, LN5}, {2}, {0.025, 0.15, -0.175}, {2.9 * LN2 - 0.8 * LN5}},
     false},
    {"no smoothing",
     "softmax_xent_smooth",
     {1, 3},
     {0},
     {{0, LN2, LN5}, {2}, {9, 9, 9}, {-1}},
     {{0, LN2, LN5}, {2}, {0.125, 0.25, -0.375}, {3 * LN2 - LN5}},
     false},
    /* The others are 2^128 below the maximum: 0.2 of that */
    {"opposite and huge",
     "softmax_xent_smooth",
     {1, 3},
     {0.3},
     {{-0x1p127, 0x1p127, -0x1p127}, {1}, {9, 9, 9}, {-1}},
     {{-0x1p127, 0x1p127, -0x1p127}, {1}, {-0.1, 0.2, -0.1}, {0.2 * 0x1p128}},
     false},
    /* T = 2, softmax (1, 2, 5)/8, targets of sum 0.75: gradients 2 (0.75 p - target), loss 4 (0.5 ln 8 + 0.25 ln 8/5)
     */
    {"temperature 2, targets of sum 0.75",
     "softmax_xent_soft",
     {1, 3},
     {2},
     {{0, 2 * LN2, 2 * LN5}, {0.5, 0, 0.25}, {9, 9, 9}, {-1}},
     {{0, 2 * LN2, 2 * LN5}, {0.5, 0, 0.25}, {-0.8125, 0.375, 0.4375}, {9 * LN2 - LN5}},
     false},
    {"opposite and huge",
     "softmax_xent_soft",
     {1, 3},
     {1},
     {{0x1p127, -0x1p127, 0}, {0.5, 0, 0.25}, {9, 9, 9}, {-1}},
     {{0x1p127, -0x1p127, 0}, {0.5, 0, 0.25}, {0.25, 0, -0.25}, {0x1p125}},
     false},
    {"all of the target on the least",
     "softmax_xent_soft",
     {1, 3},
     {1},
     {{0x1p127, -0x1p127, -0x1p127}, {0, 0.5, 0.5}, {9, 9, 9}, {-1}},
     {{0x1p127, -0x1p127, -0x1p127}, {0, 0.5, 0.5}, {1, -0.5, -0.5}, {0x1p128}},
     false},

    /* X = (1 2; 3 4), W = (1 0; 0 1; 2 -1), dY = (1 2 3; -1 0 1); 10 and 100 were there before */
    {"2 x 2 x 3",
     "linear_backward",
     {2, 2, 3},
     {1},
     {{1, 2, 3, 4}, {1, 0, 0, 1, 2, -1}, {1, 2, 3, -1, 0, 1}, {9, 9, 9, 9}, {10, 10, 10, 10, 10, 10}, {100, 100, 100}},
     {{1, 2, 3, 4}, {1, 0, 0, 1, 2, -1}, {1, 2, 3, -1, 0, 1}, {7, -1, 1, -1}, {8, 8, 12, 14, 16, 20}, {100, 102, 104}},
     true},
    {"1 x 1 x 1",
     "linear_backward",
     {1, 1, 1},
     {1},
     {{2}, {3}, {5}, {9}, {0}, {0}},
     {{2}, {3}, {5}, {15}, {10}, {5}},
     true},
    {"whatever was there",
     "linear_backward",
     {2, 2, 3},
     {0},
     {{1, 2, 3, 4}, {1, 0, 0, 1, 2, -1}, {1, 2, 3, -1, 0, 1}, {9, 9, 9, 9}, {NAN, 1, 1, 1, 1, 1}, {7, NAN, 7}},
     {{1, 2, 3, 4}, {1, 0, 0, 1, 2, -1}, {1, 2, 3, -1, 0, 1}, {7, -1, 1, -1}, {-2, -2, 2, 4, 6, 10}, {0, 2, 4}},
     true},
    {"no gradient of inputs",
     "linear_backward_params",
     {2, 2, 3},
     {1},
     {{1, 2, 3, 4}, {1, 2, 3, -1, 0, 1}, {10, 10, 10, 10, 10, 10}, {100, 100, 100}},
     {{1, 2, 3, 4}, {1, 2, 3, -1, 0, 1}, {8, 8, 12, 14, 16, 20}, {100, 102, 104}},
     true},
    {"no gradient of inputs, whatever was there",
     "linear_backward_params",
     {2, 2, 3},
     {0},
     {{1, 2, 3, 4}, {1, 2, 3, -1, 0, 1}, {NAN, 1, 1, 1, 1, 1}, {7, NAN, 7}},
     {{1, 2, 3, 4}, {1, 2, 3, -1, 0, 1}, {-2, -2, 2, 4, 6, 10}, {0, 2, 4}},
     true},
    {"2 x 3", "bias_grad", {2, 3}, {1}, {{1, 2, 3, -1, 0, 1}, {1, 1, 1}}, {{1, 2, 3, -1, 0, 1}, {1, 3, 5}}, true},
    {"2 x 3", "bias_grad", {2, 3}, {0}, {{1, 2, 3, -1, 0, 1}, {1, NAN, 1}}, {{1, 2, 3, -1, 0, 1}, {0, 2, 4}}, true},

    /* the same X and W, b = (10 -3 0.5) */
    {"identity",
     "linear_forward",
     {2, 2, 3},
     {GM_IDENTITY},
     {{1, 2, 3, 4}, {1, 0, 0, 1, 2, -1}, {10, -3, 0.5}, {9, 9, 9, 9, 9, 9}},
     {{1, 2, 3, 4}, {1, 0, 0, 1, 2, -1}, {10, -3, 0.5}, {11, -1, 0.5, 13, 1, 2.5}},
     true},
    {"relu",
     "linear_forward",
     {2, 2, 3},
     {GM_RELU},
     {{1, 2, 3, 4}, {1, 0, 0, 1, 2, -1}, {10, -3, 0.5}, {9, 9, 9, 9, 9, 9}},
     {{1, 2, 3, 4}, {1, 0, 0, 1, 2, -1}, {10, -3, 0.5}, {11, 0, 0.5, 13, 1, 2.5}},
     true},
    {"sigmoid of ln 4",
     "linear_forward",
     {1, 2, 1},
     {GM_SIGMOID},
     {{1, 1}, {LN2, 0}, {LN2}, {9}},
     {{1, 1}, {LN2, 0}, {LN2}, {0.8}},
     false},
    {"tanh of ln 2", "linear_forward", {1, 1, 1}, {GM_TANH}, {{1}, {LN2}, {0}, {9}}, {{1}, {LN2}, {0}, {0.6}}, false},
};

static gm_library *library;

static const gm_op *op_of(const struct golden *golden) {
  for (size_t i = 0; i < gm_op_count(library); i++)
    if (strcmp(gm_op_at(library, i)->name, golden->op) == 0) return gm_op_at(library, i);
  fail_msg("no op %s", golden->op);
  return NULL;
}

/* An elementwise golden is repeated over an array, so that it meets the bodies of wide vectors and their tails. */
enum { REPEATED = 67 };

static void set(const gm_op *op, int k, void *stream, size_t i, double x) {
  switch (op->stream[k].type) {
    case GM_TYPE_f32: ((float *)stream)[i] = (float)x; break;
    case GM_TYPE_f64: ((double *)stream)[i] = x; break;
    case GM_TYPE_i32: ((int32_t *)stream)[i] = (int32_t)x; break;
    case GM_TYPE_i8: ((int8_t *)stream)[i] = (int8_t)x; break;
  }
}

static double get(const gm_op *op, int k, const void *stream, size_t i) {
  switch (op->stream[k].type) {
    case GM_TYPE_f32: return (double)((const float *)stream)[i];
    case GM_TYPE_f64: return ((const double *)stream)[i];
    case GM_TYPE_i32: return ((const int32_t *)stream)[i];
    case GM_TYPE_i8: return ((const int8_t *)stream)[i];
  }
  return NAN;
}

static void make(const struct golden *golden, struct job *job) {
  const gm_op *op = op_of(golden);
  const bool repeated = op->shape == GM_ELEMENTWISE;
  job_make(job, op, repeated ? (const size_t[]){REPEATED} : golden->size);
  memcpy(job->frame.hyper, golden->hyper, sizeof golden->hyper);
  for (int k = 0; k < op->streams; k++) {
    const size_t count = gm_stream_extent(op, k, &job->frame), each = repeated ? golden->size[0] : count;
    assert_true(each <= MOST);
    for (size_t i = 0; i < count; i++) set(op, k, job->frame.stream[k], i, golden->before[k][i % each]);
  }
}

static void compare(const struct golden *golden, const char *who, int k, size_t i, double got, double allowed) {
  const gm_op *op = op_of(golden);
  const double wanted = golden->after[k][op->shape == GM_ELEMENTWISE ? i % golden->size[0] : i];
  if (got == wanted || (isnan(got) && isnan(wanted))) return;
  if (!(fabs(got - wanted) <= allowed * fmax(fabs(wanted), 1e-3)))
    fail_msg("%s, %s: %s[%zu] is %.10g, not %.10g", who, golden->what, op->stream[k].name, i, got, wanted);
}

static void implementations_follow(void **unused) {
  (void)unused;
  size_t runs = 0;
  for (size_t g = 0; g < COUNT_OF(goldens); g++)
    for (size_t i = 0; i < gm_impl_count(library); i++) {
      const gm_impl *impl = gm_impl_at(library, i);
      if (!impl->runnable || impl->op != op_of(&goldens[g])) continue;
      struct job job;
      gm_error error;
      make(&goldens[g], &job);
      if (gm_call(impl, 1, &job.frame, &error) != GM_OK) fail_msg("%s: %s", impl->name, error.message);
      for (int k = 0; k < impl->op->streams; k++)
        for (size_t e = 0; e < gm_stream_extent(impl->op, k, &job.frame); e++)
          compare(&goldens[g], impl->name, k, e, get(impl->op, k, job.frame.stream[k], e), 1e-6);
      job_free(&job);
      runs++;
    }
  print_message("%zu steps, %zu runs\n", COUNT_OF(goldens), runs);
}

static void oracles_follow(void **unused) {
  (void)unused;
  for (size_t g = 0; g < COUNT_OF(goldens); g++) {
    const struct golden *golden = &goldens[g];
    const gm_op *op = op_of(golden);
    gm_oracle *oracle = gm_oracle_of(op);
    assert_non_null(oracle);
    struct job job;
    make(golden, &job);
    gm_oracle_out out = {0};
    for (int k = 0; k < op->streams; k++) {
      if (op->stream[k].role == GM_READ) continue;
      const size_t count = gm_stream_extent(op, k, &job.frame);
      out.value[k] = malloc(count * sizeof(double)), out.scale[k] = malloc(count * sizeof(double));
      assert_true(out.value[k] && out.scale[k]);
    }
    oracle(&job.frame, &out);
    for (int k = 0; k < op->streams; k++) {
      if (!out.value[k]) continue;
      for (size_t e = 0; e < gm_stream_extent(op, k, &job.frame); e++) {
        const bool code = op->stream[k].type == GM_TYPE_i8; /* the oracle leaves it to be rounded */
        compare(golden, "the oracle", k, e, code ? rint(out.value[k][e]) : out.value[k][e],
                golden->exact ? 1e-14 : 1e-7);
        const bool huge = op->stream[k].type == GM_TYPE_f64 || !isfinite(out.value[k][e]);
        if (!(out.scale[k][e] >= 0 && out.scale[k][e] < (double)FLT_MAX) && !(huge && out.scale[k][e] != GM_OVERFLOWS))
          fail_msg("%s, %s: the scale of %s[%zu] is %g", op->name, golden->what, op->stream[k].name, e,
                   out.scale[k][e]);
      }
      free(out.value[k]);
      free(out.scale[k]);
    }
    job_free(&job);
  }
}

/* Two tensors of one list, each with hyperparameters of its own, on one thread and on one each. */
static void lists_apply_each_tensors_own(void **unused) {
  (void)unused;
  for (size_t i = 0; i < gm_impl_count(library); i++) {
    const gm_impl *impl = gm_impl_at(library, i);
    if (!impl->runnable || strcmp(impl->op->name, "adamw_list") != 0) continue;
    for (int threads = 1; threads <= 2; threads++) {
      float p[] = {2, 2}, g[] = {3, 3}, m[] = {0, 0}, v[] = {0, 0};
      gm_frame tensors[] = {
          {.size = {1}, .stream = {p, g, m, v}, .hyper = {0.1, 0.9, 0.999, 1, 0.5, 1}},
          {.size = {1}, .stream = {p + 1, g + 1, m + 1, v + 1}, .hyper = {0.2, 0.5, 0.75, 2, 0, 1}},
      };
      const gm_frame frame = {.size = {2}, .stream = {tensors}};
      assert_int_equal(gm_call(impl, threads, &frame, NULL), GM_OK);
      assert_true(fabs((double)p[0] - 1.825) < 1e-6 && fabs((double)m[0] - 0.3) < 1e-6);
      assert_true(fabs((double)p[1] - 1.88) < 1e-6); /* 2 - 0.2 3 / (3 + 2) */
      assert_true(m[1] == 1.5f && v[1] == 2.25f);
    }
  }
}

/* 2, 3 and 6 are 7 long together; none of the tensors' own numbers are looked at. Of one tensor the bits are those of
 * clip_norm. */
static void one_norm_is_of_all_tensors(void **unused) {
  (void)unused;
  for (size_t i = 0; i < gm_impl_count(library); i++) {
    const gm_impl *impl = gm_impl_at(library, i);
    if (!impl->runnable || strcmp(impl->op->name, "clip_global_norm") != 0) continue;
    for (int threads = 1; threads <= 3; threads++) {
      float a[] = {2, 0}, b[] = {-3}, c[] = {0, 6, 0};
      double norm = -1;
      gm_frame tensors[] = {{.size = {2}, .stream = {a}, .hyper = {NAN}},
                            {.size = {0}},
                            {.size = {1}, .stream = {b}, .hyper = {100}},
                            {.size = {3}, .stream = {c}}};
      const gm_frame frame = {.size = {4}, .stream = {tensors, &norm}, .hyper = {3.5}};
      assert_int_equal(gm_call(impl, threads, &frame, NULL), GM_OK);
      assert_true(norm == 7);
      const double factor = 3.5 / 7.000001;
      assert_true(fabs((double)a[0] - 2 * factor) < 1e-6 && fabs((double)b[0] + 3 * factor) < 1e-6);
      assert_true(fabs((double)c[1] - 6 * factor) < 1e-6 && a[1] == 0 && c[0] == 0 && c[2] == 0);
    }
    enum { LONG = 20001 };
    static float alone[LONG], listed[LONG];
    uint64_t state = test_seed();
    for (size_t e = 0; e < LONG; e++) alone[e] = listed[e] = random_scales(&state, -20, 4);
    double alone_norm = -1, listed_norm = -2;
    char name[GM_NAME_SIZE];
    snprintf(name, sizeof name, "clip_norm/f32/%s", impl->impl);
    gm_frame tensor = {.size = {LONG}, .stream = {alone, &alone_norm}, .hyper = {1}};
    assert_int_equal(gm_call(gm_find(library, name, NULL), 2, &tensor, NULL), GM_OK);
    tensor.stream[0] = listed;
    const gm_frame frame = {.size = {1}, .stream = {&tensor, &listed_norm}, .hyper = {1}};
    assert_int_equal(gm_call(impl, 3, &frame, NULL), GM_OK);
    assert_true(alone_norm == listed_norm);
    assert_memory_equal(alone, listed, sizeof alone);
  }
}

int main(void) {
  library = gm_open("", NULL);
  if (!library) return EXIT_FAILURE;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(implementations_follow),
      cmocka_unit_test(oracles_follow),
      cmocka_unit_test(lists_apply_each_tensors_own),
      cmocka_unit_test(one_norm_is_of_all_tensors),
  };
  const int failed = cmocka_run_group_tests_name("golden formulas", tests, NULL, NULL);
  gm_close(library);
  return failed;
}
