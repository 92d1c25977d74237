#include "train/fit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "train/known_fit.h"

/* What small batches of noisy points leave, where --batch asks for them. */
static const double NOISE_OF_BATCHES = 0.02;

static double tolerance_of(const struct training_spec *spec, const struct samples *train) {
  const bool noisy = spec->data == DATA_LINE && spec->batch < train->count;
  return noisy ? fmax(spec->tolerance, NOISE_OF_BATCHES) : spec->tolerance;
}

static const char *solve(const struct training_spec *spec, const struct samples *train, double *solution) {
  switch (spec->data) {
    case DATA_ONE_POINT: /* the least of (theta - 2)^2 + l1 |theta| + (l2/2) theta^2 */
      solution[0] = fmax(4 - spec->l1, 0) / (2 + spec->l2);
      return "closed form";
    case DATA_THREE_POINTS: return solution[0] = 2, "y = 2 x";
    case DATA_LINE:
      if (spec->proximal > 0) return known_lasso(train, spec->proximal, solution), "lasso, coordinate descent";
      if (!known_least_squares(train, spec->l2, solution)) return NULL;
      return spec->l2 > 0 ? "ridge, closed form" : "least squares, closed form";
    case DATA_TWO_CLASSES: return known_logistic(train, solution) ? "maximum likelihood, Newton" : NULL;
    case DATA_DIGITS: break;
  }
  return NULL;
}

/* The optimizer's own, which is not the spec's l2. */
static bool decays(const struct outcome *o) {
  for (int h = 0; h < o->hypers; h++)
    if (strcmp(o->hyper[h].name, "weight_decay") == 0) return o->hyper[h].value != 0;
  return false;
}

static bool is_known(const struct training_spec *spec, const struct outcome *o) {
  const bool l1_known = spec->data == DATA_ONE_POINT, l2_known = l1_known || spec->data == DATA_LINE;
  return o->model.layers == 1 && (spec->l1 == 0 || l1_known) && (spec->l2 == 0 || l2_known) && !decays(o);
}

size_t fit_check(const struct training_spec *spec, const struct outcome *o, const struct samples *train,
                 struct fit fits[FIT_MOST]) {
  double solution[KNOWN_FIT_MOST] = {0};
  const struct model *model = &o->model;
  if (!is_known(spec, o)) return 0;
  const char *reference = solve(spec, train, solution);
  const struct model_layer *layer = &model->layer[0];
  const size_t count = reference ? layer->in + model->has_bias : 0;
  for (size_t k = 0; k < count; k++) {
    struct fit *fit = &fits[k];
    const bool bias = k == layer->in;
    *fit = (struct fit){.value = o->params[bias ? layer->bias : layer->weights + k],
                        .expected = solution[k],
                        .tolerance = solution[k] == 0 ? 0 : tolerance_of(spec, train),
                        .reference = reference};
    snprintf(fit->part, sizeof fit->part, "%s", o->name);
    if (!model->has_bias)
      snprintf(fit->parameter, sizeof fit->parameter, "theta");
    else if (bias)
      snprintf(fit->parameter, sizeof fit->parameter, "bias");
    else
      snprintf(fit->parameter, sizeof fit->parameter, "weight %zu", k);
    fit->held = fabs(fit->value - fit->expected) <= fit->tolerance;
  }
  return count;
}
