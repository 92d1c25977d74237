#include "train/model.h"

#include <math.h>
#include <string.h>

#include "random.h"

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

/* ---- where training starts from ---------------------------------------------------------------------------------- */

const char *const init_names[INITS] = {"xavier", "he", "uniform", "zero"};

static double reach(enum init init, const struct model_layer *layer) {
  switch (init) {
    case INIT_XAVIER: return sqrt(6 / (double)(layer->in + layer->out));
    case INIT_HE: return sqrt(6 / (double)layer->in);
    case INIT_UNIFORM: return 1 / sqrt((double)layer->in);
    default: return 0;
  }
}

static void draw(struct random *random, double reach, float *to, size_t count) {
  for (size_t i = 0; i < count; i++) to[i] = (float)(reach * (2 * random_unit(random) - 1));
}

void init_params(const struct model *model, enum init init, uint64_t seed, float *params) {
  struct random random;
  random_seed(&random, seed);
  memset(params, 0, model->floats * sizeof *params);
  for (int l = 0; l < model->layers && init != INIT_ZERO; l++) {
    const struct model_layer *layer = &model->layer[l];
    draw(&random, reach(init, layer), params + layer->weights, layer->in * layer->out);
    if (init == INIT_UNIFORM && model->has_bias) draw(&random, reach(init, layer), params + layer->bias, layer->out);
  }
}
