/* Solutions that are known without training, in double, and whether a small workload ended there. All models are linear
 * with a bias: outputs = features weights + bias. The solution is features weights, then the bias, which is never
 * penalized. */
#ifndef GRADMARK_KNOWN_SOLUTION_H
#define GRADMARK_KNOWN_SOLUTION_H

#include "train/outcome.h"

enum { KNOWN_MOST = 16 }; /* features and the bias */

/* The least of mean (y - outputs)^2 + (l2/2) |weights|^2, by the normal equations. False if they are singular. */
bool known_least_squares(const struct samples *samples, double l2, double *solution);

/* The least of mean (y - outputs)^2 + l1 |weights|_1, by coordinate descent (Friedman et al. 2010). */
void known_lasso(const struct samples *samples, double l1, double *solution);

/* The least of the mean of log(1 + exp(-s outputs)), s = 1 or -1 by class, by Newton's method. False if it does not
 * converge, as where the classes can be told apart without error. */
bool known_logistic(const struct samples *samples, double *solution);

/* A trained parameter beside the value that is known. */
struct solution_check {
  char part[OUTCOME_NAME], parameter[24];
  double value, expected, tolerance;
  const char *reference; /* where the expected value is from */
  bool held;
};

/* Writes one per parameter and returns how many: none where the solution is not known, of the model or with what
 * else pulls at its parameters. A weight that a lasso makes 0 must be 0 exactly. */
size_t known_solution_check(const struct training_spec *spec, const struct outcome *outcome,
                            const struct samples *train, struct solution_check checks[KNOWN_MOST]);

#endif
