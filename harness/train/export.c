#include "train/export.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"
#include "train/npy.h"
#include "train/order.h"

static bool export_data(const char *directory, const struct samples *s) {
  if (!npy_write(directory, "features.npy", NPY_F32, s->feature, s->count, s->features)) return false;
  return s->label ? npy_write(directory, "labels.npy", NPY_I32, s->label, s->count, 0)
                  : npy_write(directory, "targets.npy", NPY_F32, s->target, s->count, 0);
}

static bool export_order(const char *directory, const struct training *t) {
  const size_t count = t->data.train.count, epochs = t->settings.epochs;
  uint32_t *order = malloc(count * epochs * sizeof *order);
  if (!order) return cli_fail("no memory for the order of %zu epochs", epochs), false;
  for (size_t e = 0; e < epochs; e++) order_samples(order + e * count, count, t->settings.seed, e, t->settings.shuffle);
  const bool done = npy_write(directory, "order.npy", NPY_U32, order, epochs, count);
  free(order);
  return done;
}

static bool export_params(const char *directory, const struct network *n) {
  for (int l = 0; l < n->model->layers; l++) {
    const struct model_layer *layer = &n->model->layer[l];
    char name[32];
    snprintf(name, sizeof name, "weights%d.npy", l);
    if (!npy_write(directory, name, NPY_F32, n->params + layer->weights, layer->out, layer->in)) return false;
    snprintf(name, sizeof name, "bias%d.npy", l);
    if (!npy_write(directory, name, NPY_F32, n->params + layer->bias, layer->out, 0)) return false;
  }
  return true;
}

bool export_inputs(const char *directory, const struct training *t) {
  if (mkdir(directory, 0777) != 0 && errno != EEXIST)
    return cli_fail("'%s' cannot be made: %s", directory, strerror(errno)), false;
  return export_data(directory, &t->data.train) && export_order(directory, t) && export_params(directory, t->network);
}
