#include "train/result_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "machine/describe.h"
#include "measure/levels.h"
#include "results/pixels.h"
#include "train/job.h"
#include "train/reproducibility.h"

static json_t *number(double x) { return circumstance_number(x); }
static json_t *count(size_t n) { return json_integer((json_int_t)n); }
static void set(json_t *object, const char *key, json_t *value) { json_object_set_new(object, key, value); }

/* ---- one training ----------------------------------------------------------------------------------------------- */

static json_t *describe_model(const struct model *m) {
  json_t *layers = json_array();
  json_array_append_new(layers, count(m->layer[0].in));
  for (int l = 0; l < m->layers; l++) json_array_append_new(layers, count(m->layer[l].out));
  return json_pack("{s:o, s:s, s:s, s:o, s:o}", "layers", layers, "activation", m->activation->name, "loss",
                   model_loss_op(m->loss), "parameters", count(m->parameters), "bytes",
                   count(m->parameters * sizeof(float)));
}

static json_t *describe_hypers(const struct outcome *o) {
  json_t *hypers = json_object();
  set(hypers, "lr", number(o->settings.lr));
  for (int h = 0; h < o->hypers; h++) set(hypers, o->hyper[h].name, number(o->hyper[h].value));
  return hypers;
}

static json_t *describe_curve(const struct training_record *r) {
  json_t *curve = json_array();
  for (size_t i = 0; i < r->points; i++) {
    const struct training_point *p = &r->point[i];
    json_array_append_new(
        curve, json_pack("{s:o, s:o, s:o, s:o, s:o}", "step", count(p->step), "epoch", number(p->epoch), "seconds",
                         number(p->seconds), "loss", number(p->loss), "lr", number(p->lr)));
  }
  return curve;
}

static json_t *describe_evaluations(const struct training_record *r) {
  json_t *evaluations = json_array();
  for (size_t i = 0; i < r->evaluations; i++) {
    const struct training_evaluation *l = &r->evaluation[i];
    json_array_append_new(evaluations, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "epoch", number(l->epoch),
                                                 "step", count(l->step), "seconds", number(l->seconds), "train_loss",
                                                 number(l->train_loss), "validation_loss", number(l->validation_loss),
                                                 "validation_accuracy", number(l->validation_accuracy), "test_loss",
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
  double all = 0;
  json_t *kernels = json_array();
  for (int i = 0; i < o->kernels; i++) all += o->kernel[i].seconds;
  for (int i = 0; i < o->kernels; i++) {
    const struct kernel_outcome *k = &o->kernel[i];
    const struct figure *percent = &k->limit.percent;
    json_t *object = json_object();
    set(object, "name", json_string(k->name));
    set(object, "what", json_string(k->description));
    set(object, "calls", count(k->calls));
    set(object, "seconds", number(k->seconds));
    set(object, "share", number(k->seconds / all * o->kernel_share));
    set(object, "ns_per_element", number(1e9 * k->seconds / k->elements));
    set(object, "gflop_per_s", number(1e-9 * k->flops_per_element * k->elements / k->seconds));
    set(object, "attainable_percent", number(percent->value));
    set(object, "attainable_percent_low", number(percent->low));
    set(object, "attainable_percent_high", number(percent->high));
    set(object, "bound_by", isnan(percent->value) ? json_null() : json_string(k->limit.bound_by));
    json_array_append_new(kernels, object);
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

/* Those that it was surest of, and wrong. */
static json_t *describe_wrong(const struct outcome *o, const struct dataset *test) {
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
  json_t *run = json_object(), *losses = json_array();
  char hash[17];
  double low, high;
  training_speed_range(r, &low, &high);
  snprintf(hash, sizeof hash, "%016llx", (unsigned long long)o->hash);
  for (size_t i = 0; i < first; i++) json_array_append_new(losses, number(r->first_losses[i]));
  set(run, "name", json_string(o->name));
  set(run, "workload", json_string(s->options.workload->name));
  set(run, "part", json_string(o->part));
  set(run, "optimizer", json_string(o->optimizer));
  set(run, "isa", json_string(o->isa));
  set(run, "threads", json_integer(o->threads));
  set(run, "fused", json_boolean(o->fused));
  set(run, "model", describe_model(&o->model));
  set(run, "hypers", describe_hypers(o));
  set(run, "schedule", json_string(o->schedule));
  set(run, "l1", number(o->l1 + o->proximal));
  set(run, "l2", number(o->l2));
  set(run, "clip", o->clip > 0 ? number(o->clip) : json_null());
  set(run, "batch", count(o->settings.batch));
  set(run, "epochs", count(o->settings.epochs));
  set(run, "initialization", json_string(o->initialization));
  set(run, "status", json_string(training_status_name(r->status)));
  set(run, "diverged_at_step", r->status == TRAINING_DIVERGED ? count(r->step) : json_null());
  set(run, "epochs_done", count(r->epoch));
  set(run, "steps", count(r->step));
  set(run, "samples", count(r->samples));
  set(run, "seconds", number(r->seconds));
  set(run, "evaluation_seconds", number(r->evaluation_seconds));
  set(run, "samples_per_second", number(training_speed(r)));
  set(run, "samples_per_second_low", number(low));
  set(run, "samples_per_second_high", number(high));
  set(run, "resumed_after_epoch", r->epoch_before ? count(r->epoch_before) : json_null());
  set(run, "kernel_share", number(o->kernel_share));
  set(run, "data_share", number(o->data_share));
  set(run, "weights_hash", json_string(hash));
  set(run, "first_losses", losses);
  set(run, "curve", describe_curve(r));
  set(run, "evaluations", describe_evaluations(r));
  set(run, "seconds_to", describe_seconds_to(r));
  set(run, "kernels", describe_kernels(o));
  set(run, "test", describe_test(&o->test));
  set(run, "wrong", describe_wrong(o, &s->digits.test));
  return run;
}

/* ---- the whole -------------------------------------------------------------------------------------------------- */

static json_t *describe_fits(const struct session *s) {
  json_t *fits = json_array();
  for (size_t i = 0; i < s->fits; i++) {
    const struct fit *f = &s->fit[i];
    json_array_append_new(
        fits, json_pack("{s:s, s:s, s:o, s:o, s:o, s:s, s:b}", "part", f->part, "parameter", f->parameter, "value",
                        number(f->value), "expected", number(f->expected), "tolerance", number(f->tolerance),
                        "reference", f->reference, "held", f->held));
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
           reference->optimizer);
  return json_pack("{s:s, s:o, s:o}", "what", what, "same", same, "other", other);
}

static json_t *describe_reproducibility(const struct session *s) {
  json_t *reproducibility = json_array();
  for (size_t i = 0; i < s->outcomes; i++) {
    size_t before;
    if (reproducibility_count(s->outcome, s->outcomes, i, &before) > 1 && before == 0)
      json_array_append_new(reproducibility, describe_kind(s, i));
  }
  return reproducibility;
}

static json_t *describe_compression(const struct session *s) {
  json_t *array = json_array();
  for (int i = 0; i < s->compressions; i++) {
    const struct compressed *c = &s->compressed[i];
    json_t *layers = json_array();
    json_array_append_new(layers, count(c->model.layer[0].in));
    for (int l = 0; l < c->model.layers; l++) json_array_append_new(layers, count(c->model.layer[l].out));
    json_array_append_new(
        array, json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "part", c->part, "layers", layers, "parameters",
                         count(c->model.parameters), "nonzero", count(c->nonzero), "bytes", number(c->bytes),
                         "accuracy", number(c->accuracy), "epochs", count(c->epochs)));
  }
  return array;
}

static json_t *describe_data(const struct session *s) {
  const struct training_data data = job_data_most(s, NULL);
  const struct dataset *set_of = &s->digits.train;
  const bool digits = s->options.workload->spec->data == DATA_DIGITS;
  return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "source", digits ? set_of->source : "points",
                   "directory", circumstance_text(s->options.data), "train", count(data.train.count), "validation",
                   count(data.validation.count), "test", count(data.test.count), "features", count(data.train.features),
                   "classes", data.train.classes ? count(data.train.classes) : json_null(), "rows",
                   set_of->rows ? count(set_of->rows) : json_null(), "columns",
                   set_of->columns ? count(set_of->columns) : json_null());
}

static json_t *optional(double x) { return isnan(x) ? json_null() : number(x); }

static json_t *describe_settings(const struct training_file *file, const struct session *s) {
  const struct train_options *o = &s->options;
  json_t *threads = json_array(), *settings = json_object();
  char seed[24];
  for (int i = 0; i < s->threads.counts; i++) json_array_append_new(threads, json_integer(s->threads.count[i]));
  snprintf(seed, sizeof seed, "%llu", (unsigned long long)o->seed);
  set(settings, "workload", json_string(o->workload->name));
  set(settings, "command", circumstance_command(file->argc, file->argv));
  set(settings, "isa", circumstance_text(o->isa));
  set(settings, "isa_rule", circumstance_text(getenv("GRADMARK_ISA")));
  set(settings, "threads", threads);
  set(settings, "seed", json_string(seed));
  set(settings, "data", circumstance_text(o->data));
  set(settings, "optimizer", circumstance_text(o->optimizer));
  set(settings, "lr", optional(o->lr));
  set(settings, "schedule", circumstance_text(o->schedule_text));
  set(settings, "init", o->init_given ? json_string(init_names[o->init]) : json_null());
  set(settings, "clip", optional(o->clip));
  set(settings, "l1", optional(o->l1));
  set(settings, "l2", optional(o->l2));
  set(settings, "validate", o->validate > 0 ? number(o->validate) : json_null());
  set(settings, "patience", o->validate > 0 ? count(o->patience) : json_null());
  set(settings, "save", circumstance_text(o->save));
  set(settings, "resume", circumstance_text(o->resume));
  return settings;
}

static json_t *describe(const struct training_file *file, const struct session *s, bool partial) {
  char finished[CIRCUMSTANCE_TIME];
  json_t *root = json_object(), *machine = describe_machine(&s->machine), *runs = json_array();
  circumstance_time(finished);
  set(machine, "isas", describe_isas(s->library));
  set(machine, "threads_cost", json_null());
  set(machine, "ceilings", json_array());
  for (size_t i = 0; i < s->outcomes; i++) json_array_append_new(runs, describe_run(s, &s->outcome[i]));
  set(root, "schema", json_string("gradmark.training/3"));
  set(root, "machine", machine);
  set(root, "environment", describe_environment(&s->environment));
  set(root, "build", circumstance_build());
  set(root, "settings", describe_settings(file, s));
  set(root, "data", describe_data(s));
  set(root, "warnings", describe_warnings(&s->environment));
  set(root, "started", json_string(file->started));
  set(root, "finished", json_string(finished));
  set(root, "partial", json_boolean(partial));
  set(root, "runs", runs);
  set(root, "fits", describe_fits(s));
  set(root, "reproducibility", describe_reproducibility(s));
  set(root, "compression", describe_compression(s));
  return root;
}

bool training_file_open(struct training_file *file, const char *path) { return whole_file_open(&file->file, path); }

void training_file_abandon(struct training_file *file) { whole_file_abandon(&file->file); }

bool training_file_write(struct training_file *file, const struct session *session, bool partial) {
  return circumstance_write(describe(file, session, partial), &file->file);
}
