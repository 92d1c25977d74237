#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "terminal/interrupt.h"
#include "train/session.h"

/* 90% of the weights go; some epochs let the others make up for it. The student is an eighth as wide, and so much
 * cheaper that it may go through the samples more often than its teacher did. */
enum { EPOCHS_AFTER_PRUNING = 3, STUDENT_WIDTH = 32, STUDENT_EPOCHS = 3 };
static const double PRUNED = 0.9;
static const double TEMPERATURE = 4; /* Hinton et al. try 1 to 20, and small students fare best in the middle */

/* ---- sizes ------------------------------------------------------------------------------------------------------ */

/* How weights are stored. Biases are f32 always. */
struct storage {
  /* Compressed sparse rows: a value and a column (16 bits) per weight that is left, and where rows begin. */
  bool sparse;
  enum { AS_F32, INT8_PER_TENSOR, INT8_PER_ROW } type; /* int8 with a scale in f32 for each of these */
};

static double stored_bytes(const struct model *m, const float *params, struct storage storage) {
  const double value_bytes = storage.type == AS_F32 ? 4 : 1;
  size_t weights = 0, nonzero = 0, rows = 0;
  for (int l = 0; l < m->layers; l++) {
    const size_t count = m->layer[l].in * m->layer[l].out;
    weights += count, rows += m->layer[l].out;
    for (size_t i = 0; i < count; i++) nonzero += params[m->layer[l].weights + i] != 0;
  }
  const double biases = (double)(m->parameters - weights), layers = m->layers;
  const double scales = storage.type == AS_F32 ? 0 : storage.type == INT8_PER_ROW ? (double)rows : layers;
  const double sparse = (double)nonzero * (value_bytes + 2) + 4 * ((double)rows + layers);
  return (storage.sparse ? sparse : (double)weights * value_bytes) + 4 * (scales + biases);
}

static void add(struct session *s, const char *part, const struct model *model, const float *params,
                struct storage storage, double accuracy, size_t epochs) {
  struct compressed *c = &s->compressed[s->compressions++];
  *c = (struct compressed){.part = part,
                           .model = *model,
                           .bytes = stored_bytes(model, params, storage),
                           .accuracy = accuracy,
                           .epochs = epochs};
  for (size_t i = 0; i < model->trained; i++) c->nonzero += params[i] != 0;
}

static void add_outcome(struct session *s, const char *part, const struct outcome *o, bool sparse) {
  add(s, part, &o->model, o->params, (struct storage){sparse, AS_F32}, o->test.accuracy, o->epochs_in_all);
}

/* ---- a network that is only evaluated ---------------------------------------------------------------------------- */

struct evaluator {
  struct network network;
  struct model model;
  struct training_data data;
};

static bool evaluator_open(struct evaluator *evaluator, const struct session *s, const struct job *job,
                           const struct outcome *from) {
  evaluator->model = from->model;
  evaluator->data = job_data(s, &job->spec);
  const struct network_config config = job_network(s, job);
  if (!network_open(&evaluator->network, &evaluator->model, &config)) return false;
  network_set_params(&evaluator->network, from->params);
  return true;
}

static bool call_now(struct kernel_call *call, int threads) {
  return kernel_call_check(call) && kernel_call_run(call, threads, 0);
}

/* ---- quantized -------------------------------------------------------------------------------------------------- */

/* Weights to int8 codes and back, in place. */
static bool quantize_layer(struct evaluator *k, const struct model_layer *layer, bool per_row, int8_t *codes,
                           float *scales) {
  const struct network_config *config = &k->network.config;
  float *weights = k->network.params + layer->weights;
  struct kernel_call there, back;
  if (!kernel_call_make(&there, config->library, per_row ? "quantize_rows" : "quantize", config->isa) ||
      !kernel_call_make(&back, config->library, per_row ? "dequantize_rows" : "dequantize", config->isa))
    return false;
  struct kernel_call *both[] = {&there, &back};
  for (int i = 0; i < 2; i++) {
    both[i]->frame.size[0] = per_row ? layer->out : layer->out * layer->in;
    both[i]->frame.size[1] = per_row ? layer->in : 0;
    kernel_call_stream(both[i], "values", weights);
    kernel_call_stream(both[i], "codes", codes);
    if (per_row) kernel_call_stream(both[i], "scales", scales);
  }
  if (!call_now(&there, config->threads)) return false;
  if (!per_row) kernel_call_hyper(&back, "scale", there.result);
  return call_now(&back, config->threads);
}

static bool quantize_model(struct session *s, const struct job *job, const struct outcome *from, const char *part,
                           struct storage storage) {
  struct evaluator evaluator;
  if (!evaluator_open(&evaluator, s, job, from)) return false;
  const struct model *m = &evaluator.model;
  int8_t *codes = malloc(m->floats);
  float *scales = malloc(m->floats * sizeof *scales); /* fewer are enough: one per row */
  bool done = codes && scales;
  if (!done) cli_fail("no memory to quantize");
  for (int l = 0; l < m->layers && done; l++)
    done = quantize_layer(&evaluator, &m->layer[l], storage.type == INT8_PER_ROW, codes, scales);
  struct evaluation e;
  done = done && evaluate(&evaluator.network, &evaluator.data.test, false, &e);
  if (done) add(s, part, m, evaluator.network.params, storage, e.accuracy, from->epochs_in_all);
  free(codes);
  free(scales);
  network_close(&evaluator.network);
  return done;
}

/* ---- pruned ----------------------------------------------------------------------------------------------------- */

static int ascending_floats(const void *a, const void *b) {
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
  qsort(magnitude, count, sizeof *magnitude, ascending_floats);
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
    if (!call_now(&call, n->config.threads)) return false;
  }
  return true;
}

static bool prune(struct session *s, const struct job *trained, size_t of) {
  struct job job = *trained;
  job.part = "pruned", job.pruned = PRUNED, job.start = s->outcome[of].params;
  job.start_epochs = s->outcome[of].record.epoch;
  job.spec.epochs = EPOCHS_AFTER_PRUNING;
  job.is_main = false;
  const struct outcome *o = job_run(s, &job);
  if (!o) return false;
  if (!training_ended(&o->record)) return true;
  const size_t at = (size_t)(o - s->outcome);
  add_outcome(s, "pruned to 10% of its weights", o, true);
  return quantize_model(s, &job, &s->outcome[at], "pruned, and int8 per row", (struct storage){true, INT8_PER_ROW});
}

/* ---- distilled -------------------------------------------------------------------------------------------------- */

/* What the trained model says of every training sample, softened. */
static float *ask_teacher(struct evaluator *teacher) {
  struct network *n = &teacher->network;
  const struct samples *train = &teacher->data.train;
  const size_t classes = model_outputs(&teacher->model), batch = n->config.batch;
  float *soft = malloc(train->count * classes * sizeof *soft);
  uint32_t *order = malloc(batch * sizeof *order);
  struct kernel_call call;
  bool done = soft && order && kernel_call_make(&call, n->config.library, "softmax", n->config.isa);
  for (size_t first = 0; done && first < train->count; first += batch) {
    const size_t count = train->count - first < batch ? train->count - first : batch;
    double loss;
    for (size_t i = 0; i < count; i++) order[i] = (uint32_t)(first + i);
    network_load(n, train, order, count);
    call.frame.size[0] = count, call.frame.size[1] = classes;
    kernel_call_stream(&call, "logits", n->outputs);
    kernel_call_stream(&call, "probabilities", soft + first * classes);
    kernel_call_hyper(&call, "temperature", TEMPERATURE);
    done = network_evaluate(n, count, &loss) && call_now(&call, n->config.threads);
  }
  free(order);
  if (done) return soft;
  free(soft);
  cli_fail("no memory to ask the teacher");
  return NULL;
}

static bool student(struct session *s, const struct job *trained, const char *part, const float *soft) {
  struct job job = *trained;
  job.part = part, job.soft = soft, job.temperature = soft ? TEMPERATURE : 0;
  job.is_main = false;
  job.spec.epochs *= STUDENT_EPOCHS;
  for (int l = 1; l < job.layers; l++) job.widths[l] = STUDENT_WIDTH;
  const struct outcome *o = job_run(s, &job);
  if (o && training_ended(&o->record))
    add_outcome(s, soft ? "distilled into a small model" : "the small model without a teacher", o, false);
  return o != NULL;
}

static bool distill(struct session *s, const struct job *trained, size_t of) {
  struct evaluator teacher;
  if (!evaluator_open(&teacher, s, trained, &s->outcome[of])) return false;
  float *soft = ask_teacher(&teacher);
  network_close(&teacher.network);
  const bool done =
      soft && student(s, trained, "distilled", soft) && (interrupt_came() || student(s, trained, "small alone", NULL));
  free(soft);
  return done;
}

bool compress_all(struct session *s, const struct job *trained) {
  const size_t of = s->outcomes - 1;
  const struct outcome *o = &s->outcome[of];
  if (!training_ended(&o->record)) return true;
  const char *const ops[] = {"quantize", "dequantize", "quantize_rows", "dequantize_rows", "prune", "softmax", NULL};
  if (!job_prove(s, trained->isa, ops)) return false;
  add_outcome(s, "as trained", o, false);
  return quantize_model(s, trained, &s->outcome[of], "int8, a scale per tensor",
                        (struct storage){false, INT8_PER_TENSOR}) &&
         quantize_model(s, trained, &s->outcome[of], "int8, a scale per row", (struct storage){false, INT8_PER_ROW}) &&
         prune(s, trained, of) && (interrupt_came() || distill(s, trained, of));
}
