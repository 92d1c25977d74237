#include "train/known_fit.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

struct system {
  size_t unknowns;
  double matrix[KNOWN_FIT_MOST][KNOWN_FIT_MOST], right[KNOWN_FIT_MOST];
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
      const double kept = s->matrix[k][j];
      s->matrix[k][j] = s->matrix[pivot][j], s->matrix[pivot][j] = kept;
    }
    const double kept = s->right[k];
    s->right[k] = s->right[pivot], s->right[pivot] = kept;
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
    double move[KNOWN_FIT_MOST], largest = 0;
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
