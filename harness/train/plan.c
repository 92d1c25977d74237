#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "select.h"
#include "train/session.h"

/* ---- on what ---------------------------------------------------------------------------------------------------- */

static bool can_train(const gm_isa *isa) { return isa->compiled && isa->supported && isa->allowed; }

static const gm_isa *best_isa(const gm_library *library) {
  const gm_isa *best = NULL;
  for (size_t i = 0; i < gm_isa_count(library); i++) {
    const gm_isa *isa = gm_isa_at(library, i);
    if (can_train(isa) && !isa->fast && (!best || isa->preference > best->preference)) best = isa;
  }
  return best;
}

static bool choose_isas(struct session *s) {
  const char *list = s->options.isa;
  if (!list) {
    const gm_isa *best = best_isa(s->library);
    if (!best) return cli_fail("GRADMARK_ISA leaves no exact ISA to train on; name one by --isa"), false;
    s->isa[s->isas++] = best->name;
    return true;
  }
  const bool all = strcmp(list, "all") == 0;
  if (!all && !select_isas_known(s->library, list)) return false;
  for (size_t i = 0; i < gm_isa_count(s->library) && s->isas < SESSION_MOST_ISAS; i++) {
    const gm_isa *isa = gm_isa_at(s->library, i);
    const bool wanted = all || select_in_list(list, isa->name);
    if (wanted && can_train(isa)) s->isa[s->isas++] = isa->name;
    if (wanted && !all && !can_train(isa))
      return cli_fail("--isa %s does not run here: %s", isa->name, isa->why_not), false;
  }
  return s->isas > 0 || (cli_fail("--isa names no ISA"), false);
}

static bool choose_threads(struct session *s) {
  if (!s->options.threads) return thread_list_add(&s->threads, 1);
  if (!thread_list_read(&s->threads, s->options.threads, &s->machine)) return false;
  if (s->threads.counts == 0) return cli_fail("--threads names no thread count"), false;
  return thread_list_held(&s->threads);
}

/* ---- what ------------------------------------------------------------------------------------------------------- */

static bool can_optimize(const gm_op *op) {
  return strcmp(op->family, "optim") == 0 && op->shape == GM_ELEMENTWISE && strcmp(op->dtype, "f32") == 0;
}

static const gm_op *optimizer_named(const gm_library *library, const char *name) {
  char names[400] = "";
  for (size_t i = 0; i < gm_op_count(library); i++) {
    const gm_op *op = gm_op_at(library, i);
    if (!can_optimize(op)) continue;
    if (strcmp(op->name, name) == 0) return op;
    strncat(names, *names ? ", " : "", sizeof names - strlen(names) - 1);
    strncat(names, op->name, sizeof names - strlen(names) - 1);
  }
  cli_fail("unknown optimizer '%s'; there are %s", name, names);
  return NULL;
}

/* What an optimizer takes unless a learning rate is given. The customary 0.01 of RMSprop in all its forms, which alone
 * have an alpha, is too much for a perceptron. */
static double usual_lr(const gm_op *op) {
  const int lr = kernel_hyper(op, "lr");
  if (kernel_hyper(op, "alpha") >= 0) return 1e-3;
  return lr >= 0 ? op->hyper[lr].usual : 0;
}

static double given(double value, double otherwise) { return isnan(value) ? otherwise : value; }

/* The command line's choices over the workload's. */
static void override(struct training_spec *spec, const struct train_options *o, const gm_op *optimizer) {
  const bool other = spec->optimizer == NULL || strcmp(spec->optimizer, optimizer->name) != 0;
  spec->optimizer = optimizer->name;
  spec->lr = given(o->lr, other ? usual_lr(optimizer) : spec->lr);
  spec->l1 = given(o->l1, spec->l1), spec->l2 = given(o->l2, spec->l2), spec->clip = given(o->clip, spec->clip);
  if (o->schedule_text) spec->schedule = o->schedule_text;
  if (o->batch) spec->batch = o->batch;
  if (o->epochs) spec->epochs = o->epochs;
  if (o->init_given) spec->init = o->init;
}

static void set_model(struct job *job, const struct train_options *o, const struct training_data *data) {
  const struct workload *w = o->workload;
  const size_t *hidden = o->hidden_given ? o->hidden : w->hidden;
  job->loss = w->loss, job->has_bias = w->has_bias;
  job->activation = o->activation ? o->activation : activation_named("relu");
  job->widths[0] = data->train.features;
  while (hidden[job->layers]) job->widths[job->layers + 1] = hidden[job->layers], job->layers++;
  job->widths[++job->layers] = w->loss == LOSS_SOFTMAX_XENT ? data->train.classes : 1;
}

static bool add_job(struct train_plan *plan, const struct job *job) {
  struct job *more = realloc(plan->job, (plan->count + 1) * sizeof *more);
  if (!more) return cli_fail("no memory for the plan"), false;
  plan->job = more;
  plan->job[plan->count++] = *job;
  return true;
}

/* One optimizer on every ISA and thread count. */
static bool add_optimizer(struct train_plan *plan, const struct session *s, const struct training_spec *spec,
                          const gm_op *optimizer) {
  struct job job = {.spec = *spec, .part = s->options.workload->compress ? "as trained" : spec->part};
  override(&job.spec, &s->options, optimizer);
  const struct training_data data = job_data(s, spec);
  if (data.train.count == 0) return cli_fail("--validate leaves nothing to train with"), false;
  if (s->options.validate > 0 && data.validation.count == 0)
    return cli_fail("--validate %g of %zu samples is none", s->options.validate, data.train.count), false;
  if (job.spec.batch == 0 || job.spec.batch > data.train.count) job.spec.batch = data.train.count;
  set_model(&job, &s->options, &data);
  for (int i = 0; i < s->isas; i++)
    for (int t = 0; t < s->threads.counts; t++) {
      job.isa = s->isa[i], job.threads = s->threads.count[t];
      if (!add_job(plan, &job)) return false;
    }
  return true;
}

static bool add_spec(struct train_plan *plan, const struct session *s, const struct training_spec *spec) {
  const char *name = s->options.optimizer ? s->options.optimizer : spec->optimizer;
  if (name) {
    const gm_op *optimizer = optimizer_named(s->library, name);
    return optimizer && add_optimizer(plan, s, spec, optimizer);
  }
  for (size_t i = 0; i < gm_op_count(s->library); i++)
    if (can_optimize(gm_op_at(s->library, i)) && !add_optimizer(plan, s, spec, gm_op_at(s->library, i))) return false;
  return true;
}

static bool mark_single(struct train_plan *plan, const struct train_options *o) {
  const bool single = plan->count == 1;
  const char *option = o->save ? "save" : o->resume ? "resume" : o->export_directory ? "export" : NULL;
  if (option && !single) return cli_fail("--%s is for one training, and this would be %zu", option, plan->count), false;
  plan->job[0].is_main = single;
  return true;
}

bool train_plan_make(struct train_plan *plan, struct session *s) {
  const struct workload *w = s->options.workload;
  *plan = (struct train_plan){0};
  if (!choose_isas(s) || !choose_threads(s)) return false;
  if (w->compress && s->isas * s->threads.counts > 1)
    return cli_fail("%s is one training after another: give one ISA and one thread count", w->name), false;
  for (size_t i = 0; i < w->specs; i++)
    if (!add_spec(plan, s, &w->spec[i])) return false;
  return mark_single(plan, &s->options);
}
