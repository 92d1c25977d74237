#include "train/known_solution.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct system {
  size_t unknowns;
  double matrix[KNOWN_MOST][KNOWN_MOST], right[KNOWN_MOST];
};

/* Gauss and pivots; the system is used up. */
static bool solve(struct system *s, double *solution) {
  const size_t n = s->unknowns;
  for (size_t k = 0; k < n; k++) {
    size_t pivot = k;
    for (size_t i = k + 1; i < n; i++)
      if (fabs(s->matrix[i][k]) > fabs(s->matrix[pivot][k])) pivot = i;
    if (fabs(s->matrix[pivot][k]) < 1e-12) return false;
    for (size_t j = 0; j < n; j++) {
      const double swapped = s->matrix[k][j];
      s->matrix[k][j] = s->matrix[pivot][j], s->matrix[pivot][j] = swapped;
    }
    const double swapped = s->right[k];
    s->right[k] = s->right[pivot], s->right[pivot] = swapped;
    for (size_t i = k + 1; i < n; i++) {
      const double factor = s->matrix[i][k] / s->matrix[k][k];
      for (size_t j = k; j < n; j++) s->matrix[i][j] -= factor * s->matrix[k][j];
      s->right[i] -= factor * s->right[k];
    }
  }
  for (size_t k = n; k-- > 0;) {
    double sum = s->right[k];
    for (size_t j = k + 1; j < n; j++) sum -= s->matrix[k][j] * solution[j];
    solution[k] = sum / s->matrix[k][k];
  }
  return true;
}

/* Feature k of sample i; the last one is the bias's 1. */
static double feature(const struct samples *s, size_t i, size_t k) {
  return k < s->features ? s->feature[i * s->features + k] : 1;
}

static double output(const struct samples *s, size_t i, const double *solution) {
  double sum = 0;
  for (size_t k = 0; k <= s->features; k++) sum += feature(s, i, k) * solution[k];
  return sum;
}

bool known_least_squares(const struct samples *samples, double l2, double *solution) {
  struct system system = {.unknowns = samples->features + 1};
  for (size_t i = 0; i < samples->count; i++)
    for (size_t a = 0; a < system.unknowns; a++) {
      for (size_t b = 0; b < system.unknowns; b++)
        system.matrix[a][b] += 2 * feature(samples, i, a) * feature(samples, i, b) / (double)samples->count;
      system.right[a] += 2 * feature(samples, i, a) * samples->target[i] / (double)samples->count;
    }
  for (size_t a = 0; a < samples->features; a++) system.matrix[a][a] += l2;
  return solve(&system, solution);
}

void known_lasso(const struct samples *samples, double l1, double *solution) {
  enum { SWEEPS = 2000 };
  const size_t unknowns = samples->features + 1;
  memset(solution, 0, unknowns * sizeof *solution);
  for (int sweep = 0; sweep < SWEEPS; sweep++)
    for (size_t k = 0; k < unknowns; k++) {
      double along = 0, curvature = 0; /* the derivative by this weight without its own part */
      for (size_t i = 0; i < samples->count; i++) {
        const double x = feature(samples, i, k);
        const double rest = samples->target[i] - output(samples, i, solution) + x * solution[k];
        along += 2 * x * rest / (double)samples->count;
        curvature += 2 * x * x / (double)samples->count;
      }
      const double shrunk = fmax(fabs(along) - (k < samples->features ? l1 : 0), 0);
      solution[k] = copysign(shrunk, along) / curvature;
    }
}

bool known_logistic(const struct samples *samples, double *solution) {
  enum { MOST_STEPS = 50 };
  const size_t unknowns = samples->features + 1;
  memset(solution, 0, unknowns * sizeof *solution);
  for (int step = 0; step < MOST_STEPS; step++) {
    struct system system = {.unknowns = unknowns};
    double move[KNOWN_MOST], largest = 0;
    for (size_t i = 0; i < samples->count; i++) {
      const double p = 1 / (1 + exp(-output(samples, i, solution)));
      for (size_t a = 0; a < unknowns; a++) {
        for (size_t b = 0; b < unknowns; b++)
          system.matrix[a][b] += p * (1 - p) * feature(samples, i, a) * feature(samples, i, b);
        system.right[a] += (samples->target[i] - p) * feature(samples, i, a);
      }
    }
    if (!solve(&system, move)) return false;
    for (size_t k = 0; k < unknowns; k++) solution[k] += move[k], largest = fmax(largest, fabs(move[k]));
    if (largest < 1e-12) return true;
  }
  return false;
}

/* ---- what a small workload ended at ------------------------------------------------------------------------------ */

/* What small batches of noisy points leave, where --batch asks for them. */
static const double NOISE_OF_BATCHES = 0.02;

static double tolerance_of(const struct training_spec *spec, const struct samples *train) {
  const bool noisy = spec->data == DATA_LINE && spec->batch < train->count;
  return noisy ? fmax(spec->tolerance, NOISE_OF_BATCHES) : spec->tolerance;
}

static const char *solve_workload(const struct training_spec *spec, const struct samples *train, double *solution) {
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

size_t known_solution_check(const struct training_spec *spec, const struct outcome *o, const struct samples *train,
                            struct solution_check checks[KNOWN_MOST]) {
  double solution[KNOWN_MOST] = {0};
  const struct model *model = &o->model;
  if (!is_known(spec, o)) return 0;
  const char *reference = solve_workload(spec, train, solution);
  const struct model_layer *layer = &model->layer[0];
  const size_t count = reference ? layer->in + model->has_bias : 0;
  for (size_t k = 0; k < count; k++) {
    struct solution_check *check = &checks[k];
    const bool bias = k == layer->in;
    *check = (struct solution_check){.value = o->params[bias ? layer->bias : layer->weights + k],
                                     .expected = solution[k],
                                     .tolerance = solution[k] == 0 ? 0 : tolerance_of(spec, train),
                                     .reference = reference};
    snprintf(check->part, sizeof check->part, "%s", o->name);
    if (!model->has_bias)
      snprintf(check->parameter, sizeof check->parameter, "theta");
    else if (bias)
      snprintf(check->parameter, sizeof check->parameter, "bias");
    else
      snprintf(check->parameter, sizeof check->parameter, "weight %zu", k);
    check->held = fabs(check->value - check->expected) <= check->tolerance;
  }
  return count;
}
