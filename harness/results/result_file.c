#include "results/result_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "build_info.h"
#include "cli.h"
#include "machine/describe.h"
#include "revision.h"
#include "run/levels.h"

/* JSON has no NaN and no infinity: what is unknown is null. */
static json_t *number(double x) { return isfinite(x) ? json_real(x) : json_null(); }

/* Arguments and variables may hold bytes that are no UTF-8: then they are null, too. */
static json_t *text_or_null(const char *text) {
  json_t *string = text && *text ? json_string(text) : NULL;
  return string ? string : json_null();
}

static json_t *describe_summary(const struct row *row) {
  json_t *samples = json_array();
  for (size_t i = 0; i < row->count; i++) json_array_append_new(samples, number(row->samples[i]));
  return json_pack("{s:o, s:o, s:o, s:o}", "median", number(row->time.median), "low", number(row->time.low), "high",
                   number(row->time.high), "samples", samples);
}

static void set(json_t *object, const char *key, json_t *value) { json_object_set_new(object, key, value); }

static json_t *describe_row(const struct row *row) {
  const bool timed = row_has_time(row), scored = row->status == ROW_MEASURED && row_has_limit(row);
  json_t *object = json_object();
  set(object, "name", json_string(row->name));
  set(object, "op", json_string(row->impl->op->name));
  set(object, "dtype", json_string(row->impl->op->dtype));
  set(object, "impl", json_string(row->impl->impl));
  set(object, "level", json_string(level_names[row->level]));
  set(object, "threads", json_integer(row->threads));
  set(object, "sweep", json_boolean(row->sweep));
  set(object, "elements", timed ? json_integer((json_int_t)row->elements) : json_null());
  set(object, "working_set_bytes", timed ? json_integer((json_int_t)row->working_set) : json_null());
  set(object, "huge_page_bytes",
      timed && row->huge_bytes >= 0 ? json_integer((json_int_t)row->huge_bytes) : json_null());
  set(object, "ns_per_element", timed ? describe_summary(row) : json_null());
  set(object, "bytes_per_element", number(timed ? row->bytes_per_element : NAN));
  set(object, "gb_per_s", number(timed ? row_gb_per_s(row) : NAN));
  set(object, "gflop_per_s", number(timed ? row_gflop_per_s(row) : NAN));
  set(object, "attainable_percent", number(scored ? row_attainable_percent(row) : NAN));
  set(object, "attainable_percent_low", number(scored ? row->attainable.low : NAN));
  set(object, "attainable_percent_high", number(scored ? row->attainable.high : NAN));
  set(object, "bound_by", row_has_limit(row) ? json_string(row_bound_by(row)) : json_null());
  set(object, "twin_ns_per_element", number(timed ? row->twin.median : NAN));
  set(object, "core_ns_per_element", number(timed ? row->core : NAN));
  set(object, "speedup_scalar", number(timed ? row->scalar : NAN));
  set(object, "speedup_autovec", number(timed ? row->autovec : NAN));
  set(object, "max_ulp", number(row->max_ulp));
  set(object, "verified", json_boolean(row->verified));
  set(object, "remeasured", json_boolean(row->remeasured));
  set(object, "status", json_string(row_status_name(row->status)));
  return object;
}

static json_t *describe_build(void) {
  return json_pack("{s:s, s:o, s:s, s:s, s:s, s:s, s:s}", "version", gm_version(), "revision",
                   text_or_null(GRADMARK_REVISION), "compiler", GRADMARK_COMPILER, "compiler_version",
                   GRADMARK_COMPILER_VERSION, "build_type", GRADMARK_BUILD_TYPE, "kernel_flags", GRADMARK_KERNEL_FLAGS,
                   "isa_flags", GRADMARK_ISA_FLAGS);
}

static json_t *describe_levels(const struct plan *plan) {
  json_t *levels = json_array();
  for (int level = 0; level < LEVELS; level++)
    if (plan->level[level]) json_array_append_new(levels, json_string(level_names[level]));
  return levels;
}

static json_t *describe_threads(const struct plan *plan) {
  json_t *threads = json_array();
  for (int i = 0; i < plan->thread_counts; i++) json_array_append_new(threads, json_integer(plan->threads[i]));
  return threads;
}

static json_t *describe_command(const struct result *result) {
  json_t *command = json_array();
  for (int i = 0; i < result->argc; i++) json_array_append_new(command, text_or_null(result->argv[i]));
  return command;
}

static json_t *describe_settings(const struct result *result) {
  const struct options *options = &result->run->options;
  const struct plan *plan = &result->run->plan;
  char seed[24];
  snprintf(seed, sizeof seed, "%llu", (unsigned long long)options->seed);
  json_t *settings = json_object();
  set(settings, "profile", json_string(plan->profile->name));
  set(settings, "levels", describe_levels(plan));
  set(settings, "threads", describe_threads(plan));
  set(settings, "filter", text_or_null(options->filter));
  set(settings, "isa", text_or_null(options->isa));
  set(settings, "isa_rule", text_or_null(result->isa_rule));
  set(settings, "plugins", text_or_null(options->plugins));
  set(settings, "placement", json_string(options->arena.placement == PLACEMENT_STAGGERED ? "staggered" : "aligned"));
  set(settings, "pages", json_string(options->arena.pages == PAGES_HUGE ? "huge" : "small"));
  set(settings, "seed", json_string(seed));
  set(settings, "sample_seconds", json_real(plan->profile->sample_seconds));
  set(settings, "dram_factor", json_real(plan->profile->dram_factor));
  set(settings, "sweep", json_boolean(plan->sweep));
  set(settings, "test_delay_percent", json_real(options->test_delay_percent));
  set(settings, "turns_group", text_or_null(options->turns.group));
  set(settings, "command", describe_command(result));
  return settings;
}

static json_t *describe_threads_cost(const struct threads_cost *cost) {
  if (!cost->known) return json_null();
  return json_pack("{s:i, s:s, s:f, s:o}", "threads", cost->threads, "impl", cost->impl, "entry_seconds",
                   cost->entry_seconds, "pays_from_elements", number(cost->pays_from));
}

static json_t *describe_ceiling(const struct ceiling *ceiling) {
  static const char *const names[CORE_UNITS] = {
      [CORE_FP] = "fma_ns",    [CORE_DIVIDE] = "divide_ns",
      [CORE_ROOT] = "root_ns", [CORE_DIVIDE_BY_ROOT] = "divide_by_root_ns",
      [CORE_LOAD] = "load_ns", [CORE_STORE] = "store_ns",
  };
  json_t *object = json_object();
  set(object, "isa", json_string(ceiling->isa));
  set(object, "threads", json_integer(ceiling->threads));
  set(object, "lanes", json_integer(ceiling->lanes));
  set(object, "fused", json_boolean(ceiling->fused));
  for (int unit = 0; unit < CORE_UNITS; unit++)
    set(object, names[unit], number(ceiling_ns(ceiling, (enum core_unit)unit)));
  return object;
}

static json_t *describe_ceilings(const struct ceilings *ceilings) {
  json_t *array = json_array();
  for (size_t i = 0; i < ceilings->count; i++)
    if (ceilings->ceiling[i].count) json_array_append_new(array, describe_ceiling(&ceilings->ceiling[i]));
  return array;
}

json_t *result_describe(const struct result *result) {
  const struct run *run = result->run;
  json_t *root = json_object(), *rows = json_array(), *machine = describe_machine(&run->machine);
  set(machine, "isas", describe_isas(run->library));
  set(machine, "threads_cost", describe_threads_cost(&run->threads_cost));
  set(machine, "ceilings", describe_ceilings(&run->ceilings));
  for (size_t i = 0; i < run->plan.count; i++) json_array_append_new(rows, describe_row(&run->plan.row[i]));
  set(root, "schema", json_string("gradmark.result/1"));
  set(root, "machine", machine);
  set(root, "environment", describe_environment(&run->environment));
  set(root, "build", describe_build());
  set(root, "settings", describe_settings(result));
  set(root, "warnings", describe_warnings(&run->environment));
  set(root, "started", json_string(result->started));
  set(root, "finished", json_string(result->finished));
  set(root, "partial", json_boolean(result->partial));
  set(root, "rows", rows);
  return root;
}

bool result_write(const struct result *result, struct whole_file *file) {
  json_t *root = result_describe(result);
  char *text = root ? json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(9)) : NULL;
  json_decref(root);
  if (!text) {
    whole_file_abandon(file);
    cli_fail("no memory for the result file");
    return false;
  }
  const bool written = whole_file_finish(file, text, strlen(text));
  free(text);
  return written;
}
