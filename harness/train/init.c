#include "train/init.h"

#include <math.h>
#include <string.h>

#include "random.h"

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
