#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "machine/describe.h"
#include "measure/levels.h"
#include "train/report.h"

static json_t *number(double x) { return circumstance_number(x); }
static json_t *count(size_t n) { return json_integer((json_int_t)n); }
static void set(json_t *object, const char *key, json_t *value) { json_object_set_new(object, key, value); }

/* ---- one training ----------------------------------------------------------------------------------------------- */

static json_t *describe_layers(const struct model *m) {
  json_t *layers = json_array();
  json_array_append_new(layers, count(m->layer[0].in));
  for (int l = 0; l < m->layers; l++) json_array_append_new(layers, count(m->layer[l].out));
  return layers;
}

static json_t *describe_model(const struct model *m) {
  return json_pack("{s:o, s:s, s:s, s:o, s:o}", "layers", describe_layers(m), "activation", m->activation->name, "loss",
                   model_loss_op(m->loss), "parameters", count(m->parameters), "bytes",
                   count(m->parameters * sizeof(float)));
}

static json_t *describe_hypers(const struct outcome *o) {
  json_t *hypers = json_object();
  set(hypers, "lr", number(o->spec.lr));
  for (int h = 0; h < o->hypers; h++) set(hypers, o->hyper[h].name, number(o->hyper[h].value));
  return hypers;
}

static json_t *describe_curve(const struct training_record *r) {
  json_t *curve = json_array();
  for (size_t i = 0; i < r->points; i++) {
    const struct training_point *p = &r->point[i];
    json_array_append_new(
        curve, json_pack("{s:o, s:o, s:o, s:o, s:o}", "step", count((size_t)p->step), "epoch", number(p->epoch),
                         "seconds", number(p->seconds), "loss", number(p->loss), "lr", number(p->lr)));
  }
  return curve;
}

static json_t *describe_evaluations(const struct training_record *r) {
  json_t *evaluations = json_array();
  for (size_t i = 0; i < r->evaluations; i++) {
    const struct training_evaluation *l = &r->evaluation[i];
    json_array_append_new(
        evaluations,
        json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "epoch", number(l->epoch), "step", count((size_t)l->step),
                  "seconds", number(l->seconds), "train_loss", number(l->train_loss), "validation_loss",
                  number(l->validation_loss), "validation_accuracy", number(l->validation_accuracy), "test_loss",
                  number(l->test_loss), "test_accuracy", number(l->test_accuracy)));
  }
  return evaluations;
}

static json_t *describe_seconds_to(const struct training_record *r) {
  json_t *array = json_array();
  for (int i = 0; i < TRAINING_ACCURACIES; i++) {
    size_t step;
    const double seconds = training_seconds_to(r, training_accuracies[i], &step);
    json_array_append_new(array, json_pack("{s:f, s:o, s:o}", "accuracy", training_accuracies[i], "seconds",
                                           number(seconds), "step", isnan(seconds) ? json_null() : count(step)));
  }
  return array;
}

static json_t *describe_kernels(const struct outcome *o) {
  json_t *kernels = json_array();
  for (int i = 0; i < o->kernels; i++) {
    const struct kernel_outcome *k = &o->kernel[i];
    const struct figure *percent = &k->limit.percent;
    json_array_append_new(
        kernels,
        json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s?}", "name", k->name, "what", k->description,
                  "calls", count(k->calls), "seconds", number(k->seconds), "share",
                  number(k->seconds / training_seconds(&o->record)), "ns_per_element",
                  number(1e9 * k->seconds / k->elements), "gflop_per_s",
                  number(1e-9 * k->flops_per_element * k->elements / k->seconds), "attainable_percent",
                  number(percent->value), "attainable_percent_low", number(percent->low), "attainable_percent_high",
                  number(percent->high), "bound_by", isnan(percent->value) ? NULL : k->limit.bound_by));
  }
  return kernels;
}

static json_t *describe_scores(const struct evaluation *e) {
  json_t *classes = json_array();
  for (size_t k = 0; k < e->classes; k++) {
    const struct scores s = evaluation_scores(e, k);
    json_array_append_new(
        classes, json_pack("{s:o, s:o, s:o, s:o, s:o}", "label", count(k), "precision", number(s.precision), "recall",
                           number(s.recall), "f1", number(s.f1), "samples", count(s.samples)));
  }
  return classes;
}

static json_t *describe_confusion(const struct evaluation *e) {
  json_t *confusion = json_array();
  for (size_t i = 0; i < e->classes; i++) {
    json_t *row = json_array();
    for (size_t k = 0; k < e->classes; k++) json_array_append_new(row, count(e->confusion[i * e->classes + k]));
    json_array_append_new(confusion, row);
  }
  return confusion;
}

static json_t *describe_test(const struct evaluation *e) {
  if (!e->confusion) return json_null();
  const struct scores macro = evaluation_macro(e);
  return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "samples", count(e->samples), "loss", number(e->loss),
                   "accuracy", number(e->accuracy), "macro_precision", number(macro.precision), "macro_recall",
                   number(macro.recall), "macro_f1", number(macro.f1), "classes", describe_scores(e), "confusion",
                   describe_confusion(e));
}

static uint32_t grey(const float *feature, size_t i, size_t count) {
  return i < count ? (uint32_t)lrintf(fminf(fmaxf(feature[i], 0), 1) * 255) : 0;
}

/* Features within 0 .. 1 as grey bytes in base64 (RFC 4648); null without memory. */
static json_t *pixels_base64(const float *feature, size_t count) {
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  char *text = malloc((count + 2) / 3 * 4 + 1), *at = text;
  if (!text) return json_null();
  for (size_t i = 0; i < count; i += 3) {
    const uint32_t three =
        grey(feature, i, count) << 16 | grey(feature, i + 1, count) << 8 | grey(feature, i + 2, count);
    *at++ = letters[three >> 18];
    *at++ = letters[three >> 12 & 63];
    *at++ = i + 1 < count ? letters[three >> 6 & 63] : '=';
    *at++ = i + 2 < count ? letters[three & 63] : '=';
  }
  *at = '\0';
  json_t *string = json_string(text);
  free(text);
  return string;
}

/* Those that it was surest of, and wrong. */
static json_t *describe_wrong(const struct outcome *o, const struct samples *test) {
  enum { MOST = 24, MOST_PIXELS = 100 }; /* a page of larger pictures would be too large */
  json_t *wrong = json_array();
  const struct evaluation *e = &o->test;
  if (!e->predicted || test->rows == 0 || test->rows > MOST_PIXELS || test->columns > MOST_PIXELS) return wrong;
  bool *taken = calloc(e->samples, sizeof *taken);
  for (int n = 0; taken && n < MOST; n++) {
    size_t best = e->samples;
    for (size_t i = 0; i < e->samples; i++)
      if (!taken[i] && e->predicted[i] != test->label[i] &&
          (best == e->samples || e->confidence[i] > e->confidence[best]))
        best = i;
    if (best == e->samples) break;
    taken[best] = true;
    json_array_append_new(
        wrong, json_pack("{s:o, s:i, s:i, s:o, s:o, s:o, s:o}", "index", count(best), "label", (int)test->label[best],
                         "predicted", (int)e->predicted[best], "confidence", number(e->confidence[best]), "rows",
                         count(test->rows), "columns", count(test->columns), "pixels",
                         pixels_base64(test->feature + best * test->features, test->features)));
  }
  free(taken);
  return wrong;
}

static json_t *describe_run(const struct session *s, const struct outcome *o) {
  const struct training_record *r = &o->record;
  const size_t first = r->step < TRAINING_FIRST_LOSSES ? r->step : TRAINING_FIRST_LOSSES;
  json_t *losses = json_array();
  char hash[17];
  double low, high;
  training_speed_range(r, &low, &high);
  snprintf(hash, sizeof hash, "%016llx", (unsigned long long)o->hash);
  for (size_t i = 0; i < first; i++) json_array_append_new(losses, number(r->first_losses[i]));
  return json_pack(
      "{s:s, s:s, s:s, s:s, s:s, s:i, s:b, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, "
      "s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
      "name", o->name, "workload", s->options.workload->name, "part", o->part, "optimizer", o->spec.optimizer, "isa",
      o->isa, "threads", o->threads, "fused", o->fused, "model", describe_model(&o->model), "hypers",
      describe_hypers(o), "schedule", o->spec.schedule, "l1", number(o->spec.l1 + o->spec.proximal), "l2",
      number(o->spec.l2), "clip", o->spec.clip > 0 ? number(o->spec.clip) : json_null(), "batch", count(o->spec.batch),
      "epochs", count(o->spec.epochs), "initialization", o->initialization, "status", training_status_name(r->status),
      "diverged_at_step", r->status == TRAINING_DIVERGED ? count(r->step) : json_null(), "epochs_done", count(r->epoch),
      "steps", count(r->step), "samples", count(r->samples), "seconds", number(r->seconds), "evaluation_seconds",
      number(r->evaluation_seconds), "samples_per_second", number(training_speed(r)), "samples_per_second_low",
      number(low), "samples_per_second_high", number(high), "resumed_after_epoch",
      r->epoch_before ? count(r->epoch_before) : json_null(), "kernel_share", number(o->kernel_share), "data_share",
      number(o->data_share), "weights_hash", hash, "first_losses", losses, "curve", describe_curve(r), "evaluations",
      describe_evaluations(r), "seconds_to", describe_seconds_to(r), "kernels", describe_kernels(o), "test",
      describe_test(&o->test), "wrong", describe_wrong(o, &s->data.test));
}

/* ---- the whole -------------------------------------------------------------------------------------------------- */

static json_t *describe_solution_checks(const struct session *s) {
  json_t *fits = json_array();
  for (size_t i = 0; i < s->solution_checks; i++) {
    const struct solution_check *c = &s->solution_check[i];
    json_array_append_new(
        fits, json_pack("{s:s, s:s, s:o, s:o, s:o, s:s, s:b}", "part", c->part, "parameter", c->parameter, "value",
                        number(c->value), "expected", number(c->expected), "tolerance", number(c->tolerance),
                        "reference", c->reference, "held", c->held));
  }
  return fits;
}

static json_t *describe_kind(const struct session *s, size_t first) {
  const struct outcome *reference = reproducibility_reference(s->outcome, s->outcomes, &s->outcome[first]);
  json_t *same = json_array(), *other = json_array();
  for (size_t i = first; i < s->outcomes; i++) {
    const struct outcome *o = &s->outcome[i];
    if (!reproducibility_kind(o, reference)) continue;
    if (o->hash == reference->hash) {
      json_array_append_new(same, json_string(o->name));
      continue;
    }
    const char *why = reproducibility_excuse(o, reference);
    json_array_append_new(other, json_pack("{s:[s], s:s}", "names", o->name, "why",
                                           why ? why : "it should have: this is a fault in gradmark"));
  }
  char what[OUTCOME_NAME];
  snprintf(what, sizeof what, "%s%s%s/%s", s->options.workload->name, *reference->part ? "/" : "", reference->part,
           reference->spec.optimizer);
  return json_pack("{s:s, s:o, s:o}", "what", what, "same", same, "other", other);
}

static json_t *describe_reproducibility(const struct session *s) {
  json_t *reproducibility = json_array();
  for (size_t i = 0; i < s->outcomes; i++)
    if (reproducibility_begins(s->outcome, s->outcomes, i)) json_array_append_new(reproducibility, describe_kind(s, i));
  return reproducibility;
}

static json_t *describe_compression(const struct session *s) {
  json_t *array = json_array();
  for (int i = 0; i < s->compressions; i++) {
    const struct compressed *c = &s->compressed[i];
    json_array_append_new(
        array, json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "part", c->part, "layers", describe_layers(&c->model),
                         "parameters", count(c->model.parameters), "nonzero", count(c->nonzero), "bytes",
                         number(c->bytes), "accuracy", number(c->accuracy), "epochs", count(c->epochs)));
  }
  return array;
}

static json_t *describe_data(const struct session *s) {
  const struct training_data data = job_data_most(s, NULL);
  return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "source", data.train.source, "directory",
                   circumstance_text(s->options.data), "train", count(data.train.count), "validation",
                   count(data.validation.count), "test", count(data.test.count), "features", count(data.train.features),
                   "classes", data.train.classes ? count(data.train.classes) : json_null(), "rows",
                   data.train.rows ? count(data.train.rows) : json_null(), "columns",
                   data.train.columns ? count(data.train.columns) : json_null());
}

static json_t *describe_settings(const struct training_file *file, const struct session *s) {
  const struct train_options *o = &s->options;
  json_t *threads = json_array();
  char seed[24];
  for (int i = 0; i < s->threads.counts; i++) json_array_append_new(threads, json_integer(s->threads.count[i]));
  snprintf(seed, sizeof seed, "%llu", (unsigned long long)o->seed);
  const bool validates = o->validate > 0;
  return json_pack("{s:s, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:s?, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
                   "workload", o->workload->name, "command", circumstance_command(file->argc, file->argv), "isa",
                   circumstance_text(o->isa), "isa_rule", circumstance_text(getenv("GRADMARK_ISA")), "threads", threads,
                   "seed", seed, "data", circumstance_text(o->data), "optimizer", circumstance_text(o->optimizer), "lr",
                   number(o->lr), "schedule", circumstance_text(o->schedule_text), "init",
                   o->init_given ? init_names[o->init] : NULL, "clip", number(o->clip), "l1", number(o->l1), "l2",
                   number(o->l2), "validate", validates ? number(o->validate) : json_null(), "patience",
                   validates ? count(o->patience) : json_null(), "save", circumstance_text(o->save), "resume",
                   circumstance_text(o->resume));
}

static json_t *describe(const struct training_file *file, const struct session *s, bool partial) {
  char finished[CIRCUMSTANCE_TIME];
  json_t *machine = describe_machine(&s->machine), *runs = json_array();
  circumstance_time(finished);
  set(machine, "isas", describe_isas(s->library));
  set(machine, "threads_cost", json_null());
  set(machine, "ceilings", json_array());
  for (size_t i = 0; i < s->outcomes; i++) json_array_append_new(runs, describe_run(s, &s->outcome[i]));
  return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:s, s:b, s:o, s:o, s:o, s:o}", "schema",
                   "gradmark.training/3", "machine", machine, "environment", describe_environment(&s->environment),
                   "build", circumstance_build(), "settings", describe_settings(file, s), "data", describe_data(s),
                   "warnings", describe_warnings(&s->environment), "started", file->started, "finished", finished,
                   "partial", partial, "runs", runs, "fits", describe_solution_checks(s), "reproducibility",
                   describe_reproducibility(s), "compression", describe_compression(s));
}

bool training_file_write(struct training_file *file, const struct session *session, bool partial) {
  return circumstance_write(describe(file, session, partial), &file->file);
}
