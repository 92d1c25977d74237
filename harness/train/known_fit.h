/* Solutions that are known without training, in double: what the small workloads must end at. All models are linear
 * with a bias: outputs = features weights + bias. The solution is features weights, then the bias, which is never
 * penalized. */
#ifndef GRADMARK_KNOWN_FIT_H
#define GRADMARK_KNOWN_FIT_H

#include <stdbool.h>

#include "train/samples.h"

enum { KNOWN_FIT_MOST = 16 }; /* features and the bias */

/* The least of mean (y - outputs)^2 + (l2/2) |weights|^2, by the normal equations. False if they are singular. */
bool known_least_squares(const struct samples *samples, double l2, double *solution);

/* The least of mean (y - outputs)^2 + l1 |weights|_1, by coordinate descent (Friedman et al. 2010). */
void known_lasso(const struct samples *samples, double l1, double *solution);

/* The least of the mean of log(1 + exp(-s outputs)), s = 1 or -1 by class, by Newton's method. False if it does not
 * converge, as where the classes can be told apart without error. */
bool known_logistic(const struct samples *samples, double *solution);

#endif
