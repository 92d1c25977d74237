#include "train/compress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "terminal/interrupt.h"
#include "train/job.h"

/* 90% of the weights go; some epochs let the others make up for it. The student is an eighth as wide, and so much
 * cheaper that it may go through the samples more often than its teacher did. */
enum { EPOCHS_AFTER_PRUNING = 3, STUDENT_WIDTH = 32, STUDENT_EPOCHS = 3 };
static const double PRUNED = 0.9;
static const double TEMPERATURE = 4; /* Hinton et al. try 1 to 20, and small students fare best in the middle */

enum quantized { PER_TENSOR, PER_ROW };

/* ---- sizes ------------------------------------------------------------------------------------------------------ */

static size_t count_weights(const struct model *m) {
  size_t sum = 0;
  for (int l = 0; l < m->layers; l++) sum += m->layer[l].in * m->layer[l].out;
  return sum;
}

static size_t count_rows(const struct model *m) {
  size_t sum = 0;
  for (int l = 0; l < m->layers; l++) sum += m->layer[l].out;
  return sum;
}

static size_t count_nonzero(const struct model *m, const float *params) {
  size_t count = 0;
  for (size_t i = 0; i < m->trained; i++) count += params[i] != 0;
  return count;
}

/* Compressed sparse rows: a value and a column (16 bits) for each weight that is left, and where each row begins. */
static double sparse_bytes(const struct model *m, const float *params, double value_bytes) {
  size_t kept = 0;
  for (int l = 0; l < m->layers; l++)
    for (size_t i = 0; i < m->layer[l].in * m->layer[l].out; i++) kept += params[m->layer[l].weights + i] != 0;
  const double biases = (double)(m->parameters - count_weights(m));
  return (double)kept * (value_bytes + 2) + 4 * ((double)count_rows(m) + m->layers) + 4 * biases;
}

static struct compressed *add(struct session *s, const char *part, const struct model *model, const float *params,
                              double bytes, double accuracy, size_t epochs) {
  struct compressed *c = &s->compressed[s->compressions++];
  *c = (struct compressed){
      .model = *model, .nonzero = count_nonzero(model, params), .bytes = bytes, .accuracy = accuracy, .epochs = epochs};
  snprintf(c->part, sizeof c->part, "%s", part);
  return c;
}

/* ---- a network that is only evaluated
 * ---------------------------------------------------------------------------------- */

struct evaluator {
  struct network network;
  struct model model;
  struct training_data data;
};

static bool evaluator_open(struct evaluator *evaluator, const struct session *s, const struct job *job,
                           const struct outcome *from) {
  evaluator->model = from->model;
  evaluator->data = job_data(s, &job->spec);
  const struct network_config config = {.library = s->library,
                                        .isa = job->isa,
                                        .threads = job->threads,
                                        .batch = job->spec.batch,
                                        .optimizer = job->spec.optimizer,
                                        .arena = &s->arena};
  if (!network_open(&evaluator->network, &evaluator->model, &config)) return false;
  network_set_params(&evaluator->network, from->params);
  return true;
}

static bool call_now(struct kernel_call *call, int threads) {
  return kernel_call_check(call) && kernel_call_run(call, threads, 0);
}

/* ---- quantized -------------------------------------------------------------------------------------------------- */

/* Weights to int8 codes and back, in place. */
static bool quantize_layer(struct evaluator *k, const struct model_layer *layer, enum quantized how, int8_t *codes,
                           float *scales) {
  const struct network_config *config = &k->network.config;
  const bool rows = how == PER_ROW;
  float *weights = k->network.params + layer->weights;
  struct kernel_call there, back;
  if (!kernel_call_make(&there, config->library, rows ? "quantize_rows" : "quantize", config->isa) ||
      !kernel_call_make(&back, config->library, rows ? "dequantize_rows" : "dequantize", config->isa))
    return false;
  struct kernel_call *both[] = {&there, &back};
  for (int i = 0; i < 2; i++) {
    both[i]->frame.size[0] = rows ? layer->out : layer->out * layer->in;
    both[i]->frame.size[1] = rows ? layer->in : 0;
    kernel_call_stream(both[i], "values", weights);
    kernel_call_stream(both[i], "codes", codes);
    if (rows) kernel_call_stream(both[i], "scales", scales);
  }
  if (!call_now(&there, config->threads)) return false;
  if (!rows) kernel_call_hyper(&back, "scale", there.result);
  return call_now(&back, config->threads);
}

static bool quantize_model(struct session *s, const struct job *job, const struct outcome *from, enum quantized how,
                           const char *part, bool sparse) {
  struct evaluator evaluator;
  if (!evaluator_open(&evaluator, s, job, from)) return false;
  const struct model *m = &evaluator.model;
  int8_t *codes = malloc(m->floats);
  float *scales = malloc(m->floats * sizeof *scales); /* fewer are enough: one per row */
  bool done = codes && scales;
  if (!done) cli_fail("no memory to quantize");
  for (int l = 0; l < m->layers && done; l++) done = quantize_layer(&evaluator, &m->layer[l], how, codes, scales);
  struct evaluation e;
  done = done && evaluate(&evaluator.network, &evaluator.data.test, &e);
  if (done) {
    const double scale_bytes = 4 * (double)(how == PER_ROW ? count_rows(m) : (size_t)m->layers);
    const double dense = (double)count_weights(m) + 4 * (double)(m->parameters - count_weights(m));
    const double bytes = scale_bytes + (sparse ? sparse_bytes(m, evaluator.network.params, 1) : dense);
    add(s, part, m, evaluator.network.params, bytes, e.accuracy, from->epochs_in_all);
  }
  free(codes);
  free(scales);
  network_close(&evaluator.network);
  return done;
}

/* ---- pruned ----------------------------------------------------------------------------------------------------- */

/* The outcome of a further training, after which no pointer to an earlier one holds; NULL if none came of it. */
static struct outcome *train_further(struct session *s, const struct job *job) {
  struct outcome *outcome = session_outcome(s);
  if (!outcome) return NULL;
  if (job_run(s, job, outcome)) return outcome;
  s->outcomes--;
  return NULL;
}

static bool prune(struct session *s, const struct job *trained, size_t of) {
  struct job job = *trained;
  job.part = "pruned", job.pruned = PRUNED, job.start = s->outcome[of].params;
  job.start_epochs = s->outcome[of].record.epoch;
  job.spec.epochs = EPOCHS_AFTER_PRUNING;
  job.is_main = false;
  const struct outcome *o = train_further(s, &job);
  if (!o) return false;
  if (!training_ended(&o->record)) return true;
  const size_t at = (size_t)(o - s->outcome);
  add(s, "pruned to 10% of its weights", &o->model, o->params, sparse_bytes(&o->model, o->params, 4), o->test.accuracy,
      o->epochs_in_all);
  return quantize_model(s, &job, &s->outcome[at], PER_ROW, "pruned, and int8 per row", true);
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
  const struct outcome *o = train_further(s, &job);
  if (o && training_ended(&o->record))
    add(s, soft ? "distilled into a small model" : "the small model without a teacher", &o->model, o->params,
        4 * (double)o->model.parameters, o->test.accuracy, o->epochs_in_all);
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
  if (!verified_ops(&s->verified, s->library, trained->isa, ops)) return false;
  add(s, "as trained", &o->model, o->params, 4 * (double)o->model.parameters, o->test.accuracy, o->epochs_in_all);
  return quantize_model(s, trained, &s->outcome[of], PER_TENSOR, "int8, a scale per tensor", false) &&
         quantize_model(s, trained, &s->outcome[of], PER_ROW, "int8, a scale per row", false) &&
         prune(s, trained, of) && (interrupt_came() || distill(s, trained, of));
}
