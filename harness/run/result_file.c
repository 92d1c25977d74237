#include "run/result_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "machine/describe.h"
#include "measure/levels.h"
#include "results/circumstance.h"
#include "run/verified.h"

static json_t *describe_round(const struct visit *visit) {
  return json_pack("{s:i, s:o}", "samples", (int)visit->count, "state", circumstance_text(visit->state));
}

static void set_figure(json_t *object, const struct figure *figure) {
  json_object_set_new(object, "undisturbed", circumstance_number(figure->value));
  json_object_set_new(object, "low", circumstance_number(figure->low));
  json_object_set_new(object, "high", circumstance_number(figure->high));
}

/* More says nothing of a sample, and they are most of the file. */
static double five_digits(double x) {
  const double unit = pow(10, floor(log10(x)) - 4);
  return nearbyint(x / unit) * unit;
}

static json_t *describe_time(const struct row *row) {
  json_t *time = json_object(), *samples = json_array(), *rounds = json_array();
  for (size_t i = 0; i < row->count; i++)
    json_array_append_new(samples, circumstance_number(five_digits(row->samples[i])));
  for (size_t i = 0; i < row->visit_count; i++)
    if (row->visits[i].count) json_array_append_new(rounds, describe_round(&row->visits[i]));
  set_figure(time, &row->time);
  json_object_set_new(time, "typical", circumstance_number(row->typical));
  json_object_set_new(time, "samples", samples);
  json_object_set_new(time, "rounds", rounds);
  return time;
}

static json_t *describe_state(const struct in_state *in) {
  return json_pack("{s:s, s:o, s:o, s:i}", "state", in->state, "effective_cores",
                   circumstance_number(in->felt.effective_cores), "line_ns", circumstance_number(in->felt.line_ns),
                   "samples", (int)in->samples);
}

static json_t *describe_placement(const struct row *row) {
  if (!row->usual.state) return json_null();
  json_t *placement = describe_state(&row->usual), *others = json_array();
  for (size_t i = 0; i < row->others; i++) {
    json_t *other = describe_state(&row->other[i]);
    set_figure(other, &row->other[i].time);
    json_array_append_new(others, other);
  }
  json_object_set_new(placement, "other_samples", json_integer((json_int_t)(row->count - row->usual.samples)));
  json_object_set_new(placement, "others", others);
  return placement;
}

static json_t *describe_row(const struct row *row) {
  const bool timed = row_has_time(row), scored = row->status == ROW_MEASURED && row_has_limit(row);
  json_t *object = json_object();
  json_object_set_new(object, "name", json_string(row->name));
  json_object_set_new(object, "op", json_string(row->impl->op->name));
  json_object_set_new(object, "dtype", json_string(row->impl->op->dtype));
  json_object_set_new(object, "impl", json_string(row->impl->impl));
  json_object_set_new(object, "level", json_string(level_names[row->level]));
  json_object_set_new(object, "threads", json_integer(row->threads));
  json_object_set_new(object, "sweep", json_boolean(row->sweep));
  json_object_set_new(object, "elements", timed ? json_integer((json_int_t)row->elements) : json_null());
  json_object_set_new(object, "working_set_bytes", timed ? json_integer((json_int_t)row->working_set) : json_null());
  json_object_set_new(object, "huge_page_bytes",
                      timed && row->huge_bytes >= 0 ? json_integer((json_int_t)row->huge_bytes) : json_null());
  json_object_set_new(object, "ns_per_element", timed ? describe_time(row) : json_null());
  json_object_set_new(object, "placement", timed ? describe_placement(row) : json_null());
  json_object_set_new(object, "bytes_per_element", circumstance_number(timed ? row->bytes_per_element : NAN));
  json_object_set_new(object, "gb_per_s", circumstance_number(timed ? row_gb_per_s(row) : NAN));
  json_object_set_new(object, "gflop_per_s", circumstance_number(timed ? row_gflop_per_s(row) : NAN));
  json_object_set_new(object, "attainable_percent", circumstance_number(scored ? row->attainable.value : NAN));
  json_object_set_new(object, "attainable_percent_low", circumstance_number(scored ? row->attainable.low : NAN));
  json_object_set_new(object, "attainable_percent_high", circumstance_number(scored ? row->attainable.high : NAN));
  json_object_set_new(object, "bound_by", row_has_limit(row) ? json_string(row_bound_by(row)) : json_null());
  json_object_set_new(object, "twin_ns_per_element", circumstance_number(timed ? row->twin : NAN));
  json_object_set_new(object, "twin_stores", circumstance_text(row_has_limit(row) ? row->twin_stores : NULL));
  json_object_set_new(object, "core_twin_ns_per_element", circumstance_number(timed ? row->core_twin : NAN));
  json_object_set_new(object, "core_twin_build", circumstance_text(row_has_limit(row) ? row->core_twin_build : NULL));
  json_object_set_new(object, "believable", json_boolean(row_is_believable(row)));
  json_object_set_new(object, "speedup_scalar", circumstance_number(timed ? row->scalar : NAN));
  json_object_set_new(object, "speedup_autovec", circumstance_number(timed ? row->autovec : NAN));
  json_object_set_new(object, "max_ulp", circumstance_number(row->max_ulp));
  json_object_set_new(object, "verified", json_boolean(row->verified));
  json_object_set_new(object, "verified_at_size", json_boolean(row->verified_at_size));
  json_object_set_new(object, "status", json_string(row_status_name(row->status)));
  json_object_set_new(object, "why_not", circumstance_text(row->why_not));
  return object;
}

static json_t *describe_levels(const struct plan *plan) {
  json_t *levels = json_array();
  for (int level = 0; level < LEVELS; level++)
    if (plan->level[level]) json_array_append_new(levels, json_string(level_names[level]));
  return levels;
}

static json_t *describe_threads(const struct plan *plan) {
  json_t *threads = json_array();
  for (int i = 0; i < plan->threads.counts; i++) json_array_append_new(threads, json_integer(plan->threads.count[i]));
  return threads;
}

static json_t *describe_settings(const struct result *result) {
  const struct options *options = &result->run->options;
  const struct plan *plan = &result->run->plan;
  char seed[24], hash[VERIFIED_HASH];
  snprintf(seed, sizeof seed, "%llu", (unsigned long long)options->seed);
  json_t *settings = json_object();
  json_object_set_new(settings, "profile", json_string(plan->profile->name));
  json_object_set_new(settings, "levels", describe_levels(plan));
  json_object_set_new(settings, "threads", describe_threads(plan));
  json_object_set_new(settings, "filter", circumstance_text(options->filter));
  json_object_set_new(settings, "isa", circumstance_text(options->isa));
  json_object_set_new(settings, "isa_rule", circumstance_text(result->isa_rule));
  json_object_set_new(settings, "plugins", circumstance_text(options->plugins));
  json_object_set_new(settings, "placement",
                      json_string(options->arena.placement == PLACEMENT_STAGGERED ? "staggered" : "aligned"));
  json_object_set_new(settings, "pages", json_string(options->arena.pages == PAGES_HUGE ? "huge" : "small"));
  json_object_set_new(settings, "seed", json_string(seed));
  json_object_set_new(settings, "rounds", json_integer((json_int_t)result->run->rounds));
  json_object_set_new(settings, "budget_seconds",
                      circumstance_number(plan->budget_seconds > 0 ? plan->budget_seconds : NAN));
  json_object_set_new(settings, "sample_seconds", json_real(plan->profile->sample_seconds));
  json_object_set_new(settings, "dram_factor", json_real(plan->profile->dram_factor));
  json_object_set_new(settings, "sweep", json_boolean(plan->sweep));
  json_object_set_new(settings, "test_delay_percent", json_real(options->test_delay_percent));
  json_object_set_new(settings, "turns_group", circumstance_text(options->turns.group));
  verified_hash(options->plugins, hash);
  json_object_set_new(settings, "code_hash", circumstance_text(hash));
  json_object_set_new(settings, "verified_by", circumstance_text(options->verified));
  json_object_set_new(settings, "command", circumstance_command(result->argc, result->argv));
  return settings;
}

static json_t *describe_threads_cost(const struct threads_cost *cost) {
  if (!cost->known) return json_null();
  return json_pack("{s:i, s:s, s:f, s:o}", "threads", cost->threads, "impl", cost->impl, "entry_seconds",
                   cost->entry_seconds, "pays_from_elements", circumstance_number(cost->pays_from));
}

static json_t *describe_ceiling(const struct ceiling *ceiling) {
  static const char *const names[CORE_KINDS] = {
      [CORE_FMA] = "fma_ns",     [CORE_DIVIDE] = "divide_ns", [CORE_SQRT] = "sqrt_ns",
      [CORE_OTHER] = "other_ns", [CORE_LOAD] = "load_ns",     [CORE_STORE] = "store_ns",
  };
  json_t *object = json_object();
  json_object_set_new(object, "isa", json_string(ceiling->isa));
  json_object_set_new(object, "threads", json_integer(ceiling->threads));
  json_object_set_new(object, "lanes", json_integer(ceiling->lanes));
  json_object_set_new(object, "fused", json_boolean(ceiling->fused));
  for (int kind = 0; kind < CORE_KINDS; kind++)
    json_object_set_new(object, names[kind], circumstance_number(ceiling_ns(ceiling, (enum core_kind)kind)));
  return object;
}

static json_t *describe_ceilings(const struct ceilings *ceilings) {
  json_t *array = json_array();
  for (size_t i = 0; i < ceilings->count; i++)
    if (ceilings->ceiling[i].count) json_array_append_new(array, describe_ceiling(&ceilings->ceiling[i]));
  return array;
}

static json_t *describe_left_out(const struct plan *plan) {
  json_t *names = json_array();
  for (size_t i = 0; i < plan->left_out_count; i++) json_array_append_new(names, json_string(plan->left_out[i]));
  return names;
}

json_t *result_describe(const struct result *result) {
  const struct run *run = result->run;
  json_t *root = json_object(), *rows = json_array(), *machine = describe_machine(&run->machine);
  json_object_set_new(machine, "isas", describe_isas(run->library));
  json_object_set_new(machine, "threads_cost", describe_threads_cost(&run->threads_cost));
  json_object_set_new(machine, "ceilings", describe_ceilings(&run->ceilings));
  for (size_t i = 0; i < run->plan.count; i++) json_array_append_new(rows, describe_row(&run->plan.row[i]));
  json_object_set_new(root, "schema", json_string("gradmark.result/4"));
  json_object_set_new(root, "machine", machine);
  json_object_set_new(root, "environment", describe_environment(&run->environment));
  json_object_set_new(root, "build", circumstance_build());
  json_object_set_new(root, "settings", describe_settings(result));
  json_object_set_new(root, "warnings", describe_warnings(&run->environment));
  json_object_set_new(root, "started", json_string(result->started));
  json_object_set_new(root, "finished", json_string(result->finished));
  json_object_set_new(root, "partial", json_boolean(result->partial));
  json_object_set_new(root, "placement", placement_describe(&run->placement, &run->machine));
  json_object_set_new(root, "left_out", describe_left_out(&run->plan));
  json_object_set_new(root, "rows", rows);
  return root;
}

bool result_write(const struct result *result, struct whole_file *file) {
  return circumstance_write(result_describe(result), file);
}
