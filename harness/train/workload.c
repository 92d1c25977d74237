#include "train/workload.h"

#include <string.h>

static const struct training_spec quadratic[] = {{.part = "",
                                                  .data = DATA_ONE_POINT,
                                                  .optimizer = "sgd",
                                                  .lr = 0.1,
                                                  .schedule = "constant",
                                                  .epochs = 100,
                                                  .init = INIT_ZERO,
                                                  .tolerance = 1e-6}};

static const struct training_spec line_through_zero[] = {{.part = "one point",
                                                          .data = DATA_ONE_POINT,
                                                          .optimizer = "sgd",
                                                          .lr = 0.01,
                                                          .schedule = "constant",
                                                          .batch = 1,
                                                          .epochs = 1000,
                                                          .init = INIT_ZERO,
                                                          .tolerance = 1e-4},
                                                         {.part = "three points",
                                                          .data = DATA_THREE_POINTS,
                                                          .optimizer = "sgd",
                                                          .lr = 0.01,
                                                          .schedule = "constant",
                                                          .batch = 1,
                                                          .epochs = 100,
                                                          .init = INIT_ZERO,
                                                          .tolerance = 1e-4}};

/* What ends at a solution that is known does so only where the steps get smaller. */
static const struct training_spec regression[] = {
    {.part = "full batch",
     .data = DATA_LINE,
     .optimizer = "adam",
     .lr = 0.01,
     .schedule = "cosine",
     .epochs = 4000,
     .init = INIT_ZERO,
     .tolerance = 1e-4},
    {.part = "mini-batch",
     .data = DATA_LINE,
     .optimizer = "adam",
     .lr = 0.01,
     .schedule = "cosine",
     .batch = 10,
     .epochs = 400,
     .init = INIT_ZERO,
     .shuffle = true,
     .tolerance = 0.02},
    {.part = "with L2",
     .data = DATA_LINE,
     .optimizer = "adam",
     .lr = 0.01,
     .schedule = "cosine",
     .epochs = 4000,
     .init = INIT_ZERO,
     .l2 = 0.1,
     .tolerance = 1e-4},
    {.part = "with L1",
     .data = DATA_LINE,
     .optimizer = "sgd",
     .lr = 0.05,
     .schedule = "constant",
     .epochs = 2000,
     .init = INIT_ZERO,
     .proximal = 0.2,
     .tolerance = 1e-4},
};

static const struct training_spec logistic[] = {{.part = "",
                                                 .data = DATA_TWO_CLASSES,
                                                 .optimizer = "adam",
                                                 .lr = 0.05,
                                                 .schedule = "cosine",
                                                 .batch = 50,
                                                 .epochs = 60,
                                                 .init = INIT_ZERO,
                                                 .shuffle = true,
                                                 .tolerance = 0.02}};

static const struct training_spec mnist_sgd[] = {{.part = "",
                                                  .data = DATA_DIGITS,
                                                  .optimizer = "sgd",
                                                  .lr = 0.01,
                                                  .schedule = "constant",
                                                  .batch = 64,
                                                  .epochs = 10,
                                                  .init = INIT_HE,
                                                  .shuffle = true}};

static const struct training_spec mnist_adam[] = {{.part = "",
                                                   .data = DATA_DIGITS,
                                                   .optimizer = "adam",
                                                   .lr = 0.001,
                                                   .schedule = "constant",
                                                   .batch = 64,
                                                   .epochs = 10,
                                                   .init = INIT_HE,
                                                   .shuffle = true}};

static const struct training_spec mnist_all[] = {{.part = "",
                                                  .data = DATA_DIGITS,
                                                  .schedule = "constant",
                                                  .batch = 64,
                                                  .epochs = 10,
                                                  .init = INIT_HE,
                                                  .shuffle = true}};

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
