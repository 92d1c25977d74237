#include "train/network.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "machine/clock.h"

/* ---- memory ----------------------------------------------------------------------------------------------------- */

/* What lies behind one layer, for a whole batch. Without a fused activation `linear` are its inputs; with one, or
 * behind the last layer, `linear` and `outputs` are one. */
struct layer_buffers {
  float *linear, *outputs;
  float *linear_grads, *output_grads; /* of the loss by these */
};

struct buffers {
  struct layer_buffers layer[MODEL_MOST_LAYERS];
  float *soft_grads;
};

/* Memory that is wanted: where its address goes, and how much. */
struct wanted {
  struct {
    void *pointer;
    size_t bytes;
  } part[64];
  size_t count, bytes;
};

static void want(struct wanted *wanted, void *pointer, size_t bytes) {
  wanted->part[wanted->count].pointer = pointer;
  wanted->part[wanted->count++].bytes = bytes;
  wanted->bytes += bytes;
}

static bool take_wanted(struct arena *arena, const struct wanted *wanted, const struct arena_settings *settings) {
  if (!arena_open(arena, wanted->bytes + 64 * wanted->count, wanted->count, settings)) return false;
  struct layout layout;
  layout_begin(&layout, wanted->count, settings);
  for (size_t i = 0; i < wanted->count; i++) {
    void *memory = layout_take(&layout, arena, wanted->part[i].bytes);
    memset(memory, 0, wanted->part[i].bytes);
    memcpy(wanted->part[i].pointer, &memory, sizeof memory); /* pointers of several types */
  }
  return true;
}

static bool unfused(const struct model *model, int l) { return l + 1 < model->layers && model->activation->fused == 0; }

static bool lay_out(struct network *n, struct buffers *buffers, const gm_op *optimizer) {
  const struct model *model = n->model;
  const size_t batch = n->config.batch, f = sizeof(float);
  struct wanted wanted = {0};
  want(&wanted, &n->params, model->floats * f);
  want(&wanted, &n->grads, model->floats * f);
  for (int k = 0; k < optimizer->streams; k++) {
    const char *name = optimizer->stream[k].name;
    if (strcmp(name, "params") == 0 || strcmp(name, "grads") == 0) continue;
    n->state_name[n->states] = name;
    want(&wanted, &n->state[n->states++], model->trained * f);
  }
  want(&wanted, &n->features, batch * model->layer[0].in * f);
  for (int l = 0; l < model->layers; l++) {
    struct layer_buffers *own = &buffers->layer[l];
    const size_t bytes = batch * model->layer[l].out * f;
    want(&wanted, &own->linear, bytes);
    want(&wanted, &own->linear_grads, bytes);
    if (l + 1 < model->layers) want(&wanted, &own->output_grads, bytes);
    if (unfused(model, l)) want(&wanted, &own->outputs, bytes);
  }
  const size_t outputs = batch * model_outputs(model);
  want(&wanted, &n->labels, batch * sizeof(int32_t));
  want(&wanted, &n->target, batch * f);
  want(&wanted, &n->soft, outputs * f);
  want(&wanted, &buffers->soft_grads, outputs * f);
  if (n->config.masked) want(&wanted, &n->mask, model->trained);
  if (!take_wanted(&n->arena, &wanted, n->config.arena)) {
    cli_fail("no memory for a model of %zu parameters", model->parameters);
    return false;
  }
  for (int l = 0; l < model->layers; l++)
    if (!unfused(model, l)) buffers->layer[l].outputs = buffers->layer[l].linear;
  n->outputs = buffers->layer[model->layers - 1].outputs;
  return true;
}

/* ---- the calls -------------------------------------------------------------------------------------------------- */

/* The next call; `description` says of it what its name does not. */
static struct kernel_call *add(struct network *n, const char *op, const char *description, size_t per_sample) {
  assert(n->calls < NETWORK_MOST_CALLS); /* MODEL_MOST_LAYERS with everything else need one less */
  struct kernel_call *call = &n->call[n->calls];
  if (!kernel_call_make(call, n->config.library, op, n->config.isa)) return NULL;
  call->per_sample = per_sample;
  call->frame.size[0] = per_sample * n->config.batch;
  snprintf(call->description, sizeof call->description, "%s", description);
  n->calls++;
  return call;
}

/* A call of layer `l`: "784 -> 256", and what else it does. */
static struct kernel_call *add_of_layer(struct network *n, const char *op, int l, const char *more, size_t per_sample) {
  const struct model_layer *layer = &n->model->layer[l];
  char description[KERNEL_CALL_DESCRIPTION];
  snprintf(description, sizeof description, "%zu -> %zu%s%s", layer->in, layer->out, *more ? ", " : "", more);
  return add(n, op, description, per_sample);
}

static bool add_forward(struct network *n, const struct buffers *buffers, int l) {
  const struct model *model = n->model;
  const struct model_layer *layer = &model->layer[l];
  const struct layer_buffers *own = &buffers->layer[l];
  const bool last = l + 1 == model->layers;
  const char *fused = last || unfused(model, l) ? "" : model->activation->name;
  struct kernel_call *call = add_of_layer(n, "linear_forward", l, fused, 1);
  if (!call) return false;
  call->frame.size[1] = layer->in, call->frame.size[2] = layer->out;
  kernel_call_stream(call, "inputs", l ? buffers->layer[l - 1].outputs : n->features);
  kernel_call_stream(call, "weights", n->params + layer->weights);
  kernel_call_stream(call, "bias", n->params + layer->bias);
  kernel_call_stream(call, "outputs", own->linear);
  kernel_call_hyper(call, "activation", last ? 0 : model->activation->fused);
  if (!unfused(model, l)) return true;
  if (!(call = add_of_layer(n, model->activation->forward, l, "", layer->out))) return false;
  kernel_call_stream(call, "inputs", own->linear);
  kernel_call_stream(call, "outputs", own->outputs);
  return true;
}

static bool add_loss(struct network *n, const struct buffers *buffers) {
  const struct model *model = n->model;
  const size_t outputs = model_outputs(model);
  float *grads = buffers->layer[model->layers - 1].linear_grads;
  const bool classes = model->loss == LOSS_SOFTMAX_XENT;
  n->loss_call = n->calls;
  struct kernel_call *call = add(n, model_loss_op(model->loss), "", classes ? 1 : outputs);
  if (!call) return false;
  if (classes) {
    call->frame.size[1] = outputs;
    kernel_call_stream(call, "labels", n->labels);
  } else {
    kernel_call_stream(call, "targets", n->target);
  }
  kernel_call_stream(call, model->loss == LOSS_MSE ? "outputs" : "logits", n->outputs);
  kernel_call_stream(call, model->loss == LOSS_MSE ? "output_grads" : "logit_grads", grads);
  return true;
}

/* Distillation (Hinton et al. 2015), both losses alike: the mean of the gradients by the labels and by the teacher. */
static bool add_soft_loss(struct network *n, const struct buffers *buffers) {
  const size_t outputs = model_outputs(n->model);
  float *grads = buffers->layer[n->model->layers - 1].linear_grads;
  n->soft_loss_call = n->calls;
  struct kernel_call *call = add(n, "softmax_xent_soft", "teacher", 1);
  if (!call) return false;
  call->frame.size[1] = outputs;
  kernel_call_stream(call, "logits", n->outputs);
  kernel_call_stream(call, "targets", n->soft);
  kernel_call_stream(call, "logit_grads", buffers->soft_grads);
  kernel_call_hyper(call, "temperature", n->config.temperature);
  if (!(call = add(n, "grad_accumulate", "both losses", outputs))) return false;
  kernel_call_stream(call, "accumulated", grads);
  kernel_call_stream(call, "grads", buffers->soft_grads);
  if (!(call = add(n, "grad_average", "both losses", outputs))) return false;
  kernel_call_stream(call, "grads", grads);
  kernel_call_hyper(call, "count", 2);
  return true;
}

static bool add_backward(struct network *n, const struct buffers *buffers, int l) {
  const struct model *model = n->model;
  const struct model_layer *layer = &model->layer[l];
  struct kernel_call *call = add_of_layer(n, l ? "linear_backward" : "linear_backward_params", l, "", 1);
  if (!call) return false;
  call->frame.size[1] = layer->in, call->frame.size[2] = layer->out;
  kernel_call_stream(call, "inputs", l ? buffers->layer[l - 1].outputs : n->features);
  kernel_call_stream(call, "output_grads", buffers->layer[l].linear_grads);
  kernel_call_stream(call, "weight_grads", n->grads + layer->weights);
  kernel_call_stream(call, "bias_grads", n->grads + layer->bias);
  kernel_call_hyper(call, "accumulate", 0);
  if (l == 0) return true;
  kernel_call_stream(call, "weights", n->params + layer->weights);
  const struct layer_buffers *before = &buffers->layer[l - 1];
  kernel_call_stream(call, "input_grads", before->output_grads);
  if (!(call = add_of_layer(n, model->activation->backward, l, "", layer->in))) return false;
  kernel_call_stream(call, "output_grads", before->output_grads);
  if (model->activation->from_inputs)
    kernel_call_stream(call, "inputs", before->linear);
  else
    kernel_call_stream(call, "outputs", before->outputs);
  kernel_call_stream(call, "input_grads", before->linear_grads);
  return true;
}

/* One call for the weights of every layer: `op` reads or writes `stream` and the parameters. */
static bool add_on_weights(struct network *n, const char *op, const char *hyper, double value, bool with_grads) {
  for (int l = 0; l < n->model->layers; l++) {
    const struct model_layer *layer = &n->model->layer[l];
    struct kernel_call *call = add_of_layer(n, op, l, "", 0);
    if (!call) return false;
    call->frame.size[0] = layer->in * layer->out;
    kernel_call_stream(call, "params", n->params + layer->weights);
    if (with_grads) kernel_call_stream(call, "grads", n->grads + layer->weights);
    kernel_call_hyper(call, hyper, value);
  }
  return true;
}

static struct kernel_call *add_on_all(struct network *n, const char *op) {
  char description[KERNEL_CALL_DESCRIPTION];
  snprintf(description, sizeof description, "%zu params", n->model->parameters);
  struct kernel_call *call = add(n, op, description, 0);
  if (call) call->frame.size[0] = n->model->trained;
  return call;
}

static bool add_update(struct network *n) {
  const struct network_config *config = &n->config;
  if (config->l1 > 0 && !add_on_weights(n, "l1_penalty_grad", "l1", config->l1, true)) return false;
  if (config->l2 > 0 && !add_on_weights(n, "l2_penalty_grad", "l2", config->l2, true)) return false;
  if (config->clip > 0) {
    struct kernel_call *clip = add_on_all(n, "clip_norm");
    if (!clip) return false;
    kernel_call_stream(clip, "grads", n->grads);
    kernel_call_hyper(clip, "max_norm", config->clip);
  }
  n->optimizer_call = n->calls;
  struct kernel_call *call = add_on_all(n, config->optimizer);
  if (!call) return false;
  kernel_call_stream(call, "params", n->params);
  kernel_call_stream(call, "grads", n->grads);
  for (int i = 0; i < n->states; i++) kernel_call_stream(call, n->state_name[i], n->state[i]);
  n->proximal_call = n->calls;
  if (config->proximal > 0 && !add_on_weights(n, "l1_proximal", "threshold", 0, false)) return false;
  if (!config->masked) return true;
  if (!(call = add_on_all(n, "apply_mask"))) return false;
  kernel_call_stream(call, "params", n->params);
  kernel_call_stream(call, "mask", n->mask);
  return true;
}

static bool add_all(struct network *n, const struct buffers *buffers) {
  const int layers = n->model->layers;
  for (int l = 0; l < layers; l++)
    if (!add_forward(n, buffers, l)) return false;
  if (!add_loss(n, buffers)) return false;
  if (n->config.temperature > 0 && !add_soft_loss(n, buffers)) return false;
  for (int l = layers - 1; l >= 0; l--)
    if (!add_backward(n, buffers, l)) return false;
  if (!add_update(n)) return false;
  for (int i = 0; i < n->calls; i++)
    if (!kernel_call_check(&n->call[i])) return false;
  return true;
}

bool network_open(struct network *network, const struct model *model, const struct network_config *config) {
  *network = (struct network){.model = model, .config = *config};
  struct buffers buffers = {0};
  const gm_impl *optimizer = kernel_choose(config->library, config->optimizer, config->isa);
  if (!optimizer) return false;
  if (lay_out(network, &buffers, optimizer->op) && add_all(network, &buffers)) return true;
  network_close(network);
  return false;
}

void network_close(struct network *network) { arena_close(&network->arena); }

void network_set_params(struct network *n, const float *params) {
  memcpy(n->params, params, n->model->floats * sizeof *params);
}

/* ---- one step --------------------------------------------------------------------------------------------------- */

void network_load(struct network *n, const struct samples *samples, const uint32_t *order, size_t count) {
  const double start = clock_seconds();
  const size_t features = samples->features, outputs = model_outputs(n->model);
  for (size_t i = 0; i < count; i++) {
    const size_t from = order[i];
    memcpy(n->features + i * features, samples->feature + from * features, features * sizeof(float));
    if (samples->label) n->labels[i] = samples->label[from];
    if (samples->target) n->target[i] = samples->target[from];
    if (samples->soft) memcpy(n->soft + i * outputs, samples->soft + from * outputs, outputs * sizeof(float));
  }
  n->data_seconds += clock_seconds() - start;
}

void network_set_step(struct network *n, double lr, double step) {
  struct kernel_call *call = &n->call[n->optimizer_call];
  kernel_call_hyper(call, "lr", lr);
  if (kernel_hyper(call->impl->op, "step") >= 0) kernel_call_hyper(call, "step", step);
  for (int l = 0; n->config.proximal > 0 && l < n->model->layers; l++)
    kernel_call_hyper(&n->call[n->proximal_call + l], "threshold", lr * n->config.proximal);
}

static double loss_of(const struct network *n) {
  const double loss = n->call[n->loss_call].result;
  return n->config.temperature > 0 ? (loss + n->call[n->soft_loss_call].result) / 2 : loss;
}

bool network_step(struct network *n, size_t count, double *loss) {
  bool done = true;
  for (int i = 0; i < n->calls && done; i++) done = kernel_call_time(&n->call[i], n->config.threads, count);
  *loss = loss_of(n);
  return done;
}

bool network_evaluate(struct network *n, size_t count, double *loss) {
  bool done = true;
  for (int i = 0; i <= n->loss_call && done; i++) done = kernel_call_run(&n->call[i], n->config.threads, count);
  *loss = n->call[n->loss_call].result;
  return done;
}
