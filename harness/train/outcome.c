#include "train/outcome.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "machine/operations.h"

static void take_kernels(struct outcome *o, const struct network *n, const struct kernel_limit *limits) {
  static const struct figure unknown = {NAN, NAN, NAN};
  for (int i = 0; i < n->calls; i++) {
    const struct kernel_call *call = &n->call[i];
    o->fast |= call->impl->fast;
    struct kernel_outcome *k = &o->kernel[o->kernels++];
    *k = (struct kernel_outcome){.calls = call->calls,
                                 .seconds = call->seconds,
                                 .elements = call->elements,
                                 .flops_per_element = operations_flops(call->impl->op),
                                 .limit = limits ? limits[i] : (struct kernel_limit){.percent = unknown}};
    snprintf(k->name, sizeof k->name, "%s", call->impl->name);
    snprintf(k->description, sizeof k->description, "%s", call->description);
  }
}

static void take_hypers(struct outcome *o, const struct network *n) {
  const struct kernel_call *call = &n->call[n->optimizer_call];
  const gm_op *op = call->impl->op;
  for (int h = 0; h < op->hypers; h++) {
    const char *name = op->hyper[h].name;
    if (strcmp(name, "lr") == 0 || strcmp(name, "step") == 0) continue;
    o->hyper[o->hypers++] = (struct hyper_value){name, call->frame.hyper[h]};
  }
}

bool outcome_take(struct outcome *o, struct training *training, const struct kernel_limit *limits) {
  const struct network *n = training->network;
  const struct training_record *r = &training->record;
  o->model = *n->model;
  o->settings = training->settings;
  o->l1 = n->config.l1, o->l2 = n->config.l2, o->clip = n->config.clip, o->proximal = n->config.proximal;
  o->threads = n->config.threads;
  o->fused = n->call[0].impl->fused;
  o->kernel_share = training_kernel_share(training);
  o->data_share = n->data_seconds / training_seconds(r);
  o->hash = training_hash(n);
  snprintf(o->isa, sizeof o->isa, "%s", n->config.isa);
  snprintf(o->optimizer, sizeof o->optimizer, "%s", n->config.optimizer);
  take_kernels(o, n, limits);
  take_hypers(o, n);
  o->params = malloc(n->model->floats * sizeof(float));
  if (!o->params) return cli_fail("no memory for the trained parameters"), false;
  memcpy(o->params, n->params, n->model->floats * sizeof(float));
  const bool diverged = r->status == TRAINING_DIVERGED;
  if (!diverged && training->data.test.count && !evaluate_closely(training->network, &training->data.test, &o->test))
    return false;
  o->record = *r;
  training->record.point = NULL;
  training->record.evaluation = NULL;
  return true;
}

void outcome_free(struct outcome *o) {
  free(o->record.point);
  free(o->record.evaluation);
  free(o->params);
  evaluation_free(&o->test);
}
