#include "train/evaluation.h"

#include <math.h>
#include <stdlib.h>

#include "cli.h"

/* The class of the largest output; of one output alone, whether it is positive. */
static int32_t predicted_class(const struct network *n, size_t i) {
  const size_t count = model_outputs(n->model);
  const float *outputs = n->outputs + i * count;
  if (n->model->loss == LOSS_BCE_LOGITS) return outputs[0] > 0;
  size_t best = 0;
  for (size_t k = 1; k < count; k++)
    if (outputs[k] > outputs[best]) best = k;
  return (int32_t)best;
}

static int32_t true_class(const struct samples *samples, size_t i) {
  return samples->label ? samples->label[i] : samples->target[i] > 0.5f;
}

static bool has_classes(const struct network *n) { return n->model->loss != LOSS_MSE; }

const char *evaluation_op(const struct model *model) {
  static const char *const ops[] = {[LOSS_MSE] = NULL, [LOSS_BCE_LOGITS] = "sigmoid", [LOSS_SOFTMAX_XENT] = "softmax"};
  return ops[model->loss];
}

/* The call that makes probabilities of a batch's outputs. */
static bool make_call(struct kernel_call *call, struct network *n, float *probabilities) {
  const bool one = n->model->loss == LOSS_BCE_LOGITS;
  if (!kernel_call_make(call, n->config.library, evaluation_op(n->model), n->config.isa)) return false;
  call->per_sample = 1;
  call->frame.size[1] = model_outputs(n->model);
  kernel_call_stream(call, one ? "inputs" : "logits", n->outputs);
  kernel_call_stream(call, one ? "outputs" : "probabilities", probabilities);
  return true;
}

/* Counts what is right of a batch; with probabilities, notes each sample. */
static size_t note_classes(const struct network *n, const struct samples *samples, struct evaluation *e,
                           const float *probabilities, size_t first, size_t count) {
  const size_t outputs = model_outputs(n->model);
  size_t right = 0;
  for (size_t i = 0; i < count; i++) {
    const int32_t predicted = predicted_class(n, i), truth = true_class(samples, first + i);
    right += predicted == truth;
    if (!probabilities) continue;
    e->predicted[first + i] = predicted;
    e->confusion[(size_t)truth * e->classes + (size_t)predicted]++;
    const float *p = probabilities + i * outputs;
    e->confidence[first + i] = outputs > 1 ? p[predicted] : predicted ? p[0] : 1 - p[0];
  }
  return right;
}

static bool go_through(struct network *n, const struct samples *samples, struct evaluation *e, struct kernel_call *call,
                       const float *probabilities) {
  uint32_t order[256];
  const size_t most = sizeof order / sizeof *order, batch = n->config.batch < most ? n->config.batch : most;
  const double data_seconds = n->data_seconds;
  size_t right = 0;
  double sum = 0;
  bool done = true;
  for (size_t first = 0; first < samples->count && done; first += batch) {
    const size_t count = samples->count - first < batch ? samples->count - first : batch;
    for (size_t i = 0; i < count; i++) order[i] = (uint32_t)(first + i);
    network_load(n, samples, order, count);
    double loss;
    done = network_evaluate(n, count, &loss) && (!call || kernel_call_run(call, n->config.threads, count));
    sum += loss * (double)count;
    if (has_classes(n)) right += note_classes(n, samples, e, probabilities, first, count);
  }
  n->data_seconds = data_seconds;
  e->samples = samples->count;
  e->loss = sum / (double)samples->count;
  e->accuracy = has_classes(n) ? (double)right / (double)samples->count : NAN;
  return done || (cli_fail("no memory to evaluate %zu samples", samples->count), false);
}

bool evaluate(struct network *network, const struct samples *samples, bool in_detail, struct evaluation *e) {
  *e = (struct evaluation){0};
  if (!in_detail || !has_classes(network)) return go_through(network, samples, e, NULL, NULL);
  const size_t outputs = model_outputs(network->model);
  e->classes = outputs > 1 ? outputs : 2;
  e->confusion = calloc(e->classes * e->classes, sizeof *e->confusion);
  e->predicted = calloc(samples->count, sizeof *e->predicted);
  e->confidence = calloc(samples->count, sizeof *e->confidence);
  float *probabilities = malloc(network->config.batch * outputs * sizeof *probabilities);
  struct kernel_call call;
  bool done = e->confusion && e->predicted && e->confidence && probabilities;
  if (!done) cli_fail("no memory to evaluate %zu samples in detail", samples->count);
  done = done && make_call(&call, network, probabilities) && go_through(network, samples, e, &call, probabilities);
  free(probabilities);
  return done;
}

void evaluation_free(struct evaluation *e) {
  free(e->confusion);
  free(e->predicted);
  free(e->confidence);
  *e = (struct evaluation){0};
}

struct scores evaluation_scores(const struct evaluation *e, size_t class) {
  size_t predicted = 0, there = 0;
  for (size_t k = 0; k < e->classes; k++) {
    predicted += e->confusion[k * e->classes + class];
    there += e->confusion[class * e->classes + k];
  }
  const double right = (double)e->confusion[class * e->classes + class];
  struct scores s = {.precision = predicted ? right / (double)predicted : NAN,
                     .recall = there ? right / (double)there : NAN,
                     .samples = there};
  s.f1 = predicted + there ? 2 * right / (double)(predicted + there) : NAN;
  return s;
}

struct scores evaluation_macro(const struct evaluation *e) {
  struct scores sum = {0};
  for (size_t k = 0; k < e->classes; k++) {
    const struct scores s = evaluation_scores(e, k);
    sum.precision += s.precision / (double)e->classes;
    sum.recall += s.recall / (double)e->classes;
    sum.f1 += s.f1 / (double)e->classes;
    sum.samples += s.samples;
  }
  return sum;
}
