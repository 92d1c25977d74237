#include "train/workload.h"

#include <string.h>

/* part, data, optimizer, lr, schedule, batch, epochs, init, shuffle; what ends at a solution that is known
 * does so only where the steps get smaller. */
static const struct training_spec quadratic[] = {
    {"", DATA_ONE_POINT, "sgd", 0.1, "constant", 0, 100, INIT_ZERO, false, .tolerance = 1e-6},
};
static const struct training_spec line_through_zero[] = {
    {"one point", DATA_ONE_POINT, "sgd", 0.01, "constant", 1, 1000, INIT_ZERO, false, .tolerance = 1e-4},
    {"three points", DATA_THREE_POINTS, "sgd", 0.01, "constant", 1, 100, INIT_ZERO, false, .tolerance = 1e-4},
};
static const struct training_spec regression[] = {
    {"full batch", DATA_LINE, "adam", 0.01, "cosine", 0, 4000, INIT_ZERO, false, .tolerance = 1e-4},
    {"mini-batch", DATA_LINE, "adam", 0.01, "cosine", 10, 400, INIT_ZERO, true, .tolerance = 0.02},
    {"with L2", DATA_LINE, "adam", 0.01, "cosine", 0, 4000, INIT_ZERO, false, .tolerance = 1e-4, .l2 = 0.1},
    {"with L1", DATA_LINE, "sgd", 0.05, "constant", 0, 2000, INIT_ZERO, false, .tolerance = 1e-4, .proximal = 0.2},
};
static const struct training_spec logistic[] = {
    {"", DATA_TWO_CLASSES, "adam", 0.05, "cosine", 50, 60, INIT_ZERO, true, .tolerance = 0.02},
};
static const struct training_spec mnist_sgd[] = {
    {"", DATA_DIGITS, "sgd", 0.01, "constant", 64, 10, INIT_HE, .shuffle = true},
};
static const struct training_spec mnist_adam[] = {
    {"", DATA_DIGITS, "adam", 0.001, "constant", 64, 10, INIT_HE, .shuffle = true},
};
static const struct training_spec mnist_all[] = {
    {"", DATA_DIGITS, NULL, 0, "constant", 64, 10, INIT_HE, .shuffle = true},
};

#define SPECS(list) .spec = (list), .specs = sizeof(list) / sizeof *(list)
static const struct workload workloads[] = {
    {"quadratic", "(theta - 2)^2 by gradient descent", LOSS_MSE, false, {0}, SPECS(quadratic)},
    {"linear",
     "y = 2 x from one point, then from three, one at a time",
     LOSS_MSE,
     false,
     {0},
     SPECS(line_through_zero)},
    {"regression", "y = 3 x + noise: full batch, mini-batch, ridge, lasso", LOSS_MSE, true, {0}, SPECS(regression)},
    {"logistic", "two classes of points", LOSS_BCE_LOGITS, true, {0}, SPECS(logistic)},
    {"mnist-sgd", "digits, 784-512-10, sgd", LOSS_SOFTMAX_XENT, true, {512}, SPECS(mnist_sgd)},
    {"mnist-adam", "digits, 784-256-10, adam", LOSS_SOFTMAX_XENT, true, {256}, SPECS(mnist_adam)},
    {"mnist-all", "digits, 784-256-10, every optimizer", LOSS_SOFTMAX_XENT, true, {256}, SPECS(mnist_all)},
    {"mnist-compress",
     "mnist-adam, then pruned, quantized, distilled",
     LOSS_SOFTMAX_XENT,
     true,
     {256},
     SPECS(mnist_adam),
     .compress = true},
};

const struct workload *workload_named(const char *name) {
  for (size_t i = 0; i < workload_count(); i++)
    if (strcmp(workloads[i].name, name) == 0) return &workloads[i];
  return NULL;
}

size_t workload_count(void) { return sizeof workloads / sizeof *workloads; }

const struct workload *workload_at(size_t index) { return &workloads[index]; }
