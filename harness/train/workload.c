#include "train/workload.h"

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

#define DIGITS(width) .loss = LOSS_SOFTMAX_XENT, .has_bias = true, .hidden = {width}
#define SPECS(list) .spec = (list), .specs = sizeof(list) / sizeof *(list)
/* What names no loss has LOSS_MSE, the first. */
const struct workload workloads[] = {
    {"quadratic", "(theta - 2)^2 by gradient descent", SPECS(quadratic)},
    {"linear", "y = 2 x from one point, then from three, one at a time", SPECS(line_through_zero)},
    {"regression", "y = 3 x + noise: full batch, mini-batch, ridge, lasso", SPECS(regression), .has_bias = true},
    {"logistic", "two classes of points", SPECS(logistic), .loss = LOSS_BCE_LOGITS, .has_bias = true},
    {"mnist-sgd", "digits, 784-512-10, sgd", SPECS(mnist_sgd), DIGITS(512)},
    {"mnist-adam", "digits, 784-256-10, adam", SPECS(mnist_adam), DIGITS(256)},
    {"mnist-all", "digits, 784-256-10, every optimizer", SPECS(mnist_all), DIGITS(256)},
    {"mnist-compress", "mnist-adam, then pruned, quantized, distilled", SPECS(mnist_adam), DIGITS(256),
     .compress = true},
    {0},
};
