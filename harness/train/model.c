#include "train/model.h"

#include <string.h>

enum { FLOATS_PER_LINE = 16 };

static const struct activation activations[] = {
    {"relu", 1, "relu", "relu_backward", false},
    {"sigmoid", 2, "sigmoid", "sigmoid_backward", false},
    {"tanh", 3, "tanh", "tanh_backward", false},
    {"gelu_tanh", 0, "gelu_tanh", "gelu_tanh_backward", true},
    {"gelu_erf", 0, "gelu_erf", "gelu_erf_backward", true},
    {"silu", 0, "silu", "silu_backward", true},
};
const char activation_names[] = "relu, sigmoid, tanh, gelu_tanh, gelu_erf, silu";

const struct activation *activation_named(const char *name) {
  for (size_t i = 0; i < sizeof activations / sizeof *activations; i++)
    if (strcmp(activations[i].name, name) == 0) return &activations[i];
  return NULL;
}

const char *model_loss_op(enum model_loss loss) {
  static const char *const ops[] = {
      [LOSS_MSE] = "mse", [LOSS_BCE_LOGITS] = "bce_logits", [LOSS_SOFTMAX_XENT] = "softmax_xent"};
  return ops[loss];
}

static size_t take(size_t *floats, size_t count) {
  const size_t at = *floats;
  *floats += (count + FLOATS_PER_LINE - 1) / FLOATS_PER_LINE * FLOATS_PER_LINE;
  return at;
}

struct model model_make(const size_t *widths, int count, const struct activation *activation, enum model_loss loss,
                        bool has_bias) {
  struct model model = {.layers = count - 1, .activation = activation, .loss = loss, .has_bias = has_bias};
  for (int l = 0; l < model.layers; l++) {
    struct model_layer *layer = &model.layer[l];
    *layer = (struct model_layer){.in = widths[l], .out = widths[l + 1]};
    layer->weights = take(&model.floats, layer->in * layer->out);
    model.parameters += layer->in * layer->out;
    if (!has_bias) continue;
    layer->bias = take(&model.floats, layer->out);
    model.parameters += layer->out;
  }
  model.trained = model.floats;
  for (int l = 0; l < model.layers && !has_bias; l++) model.layer[l].bias = take(&model.floats, model.layer[l].out);
  return model;
}

size_t model_outputs(const struct model *model) { return model->layer[model->layers - 1].out; }
