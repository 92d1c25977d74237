#include "train/prune.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static int ascending(const void *a, const void *b) {
  const float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

/* The magnitude below or at which the share `pruned` of all weights lies. */
static bool threshold_of(const struct network *n, double pruned, float *threshold) {
  size_t count = 0;
  float *magnitude = malloc(n->model->floats * sizeof *magnitude);
  if (!magnitude) return cli_fail("no memory to prune"), false;
  for (int l = 0; l < n->model->layers; l++) {
    const struct model_layer *layer = &n->model->layer[l];
    for (size_t i = 0; i < layer->in * layer->out; i++) magnitude[count++] = fabsf(n->params[layer->weights + i]);
  }
  qsort(magnitude, count, sizeof *magnitude, ascending);
  const size_t gone = (size_t)(pruned * (double)count);
  *threshold = gone ? magnitude[gone - 1] : -1;
  free(magnitude);
  return true;
}

bool prune_network(struct network *n, double pruned) {
  float threshold;
  if (!threshold_of(n, pruned, &threshold)) return false;
  memset(n->mask, 1, n->model->trained);
  for (int l = 0; l < n->model->layers && threshold >= 0; l++) {
    const struct model_layer *layer = &n->model->layer[l];
    struct kernel_call call;
    if (!kernel_call_make(&call, n->config.library, "prune", n->config.isa)) return false;
    call.frame.size[0] = layer->in * layer->out;
    kernel_call_stream(&call, "params", n->params + layer->weights);
    kernel_call_stream(&call, "mask", n->mask + layer->weights);
    kernel_call_hyper(&call, "threshold", threshold);
    if (!kernel_call_check(&call) || !kernel_call_run(&call, n->config.threads, 0)) return false;
  }
  return true;
}
