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
  const bool timed = row_has_time(row);
  json_t *object = json_object();
  set(object, "name", json_string(row->name));
  set(object, "op", json_string(row->impl->op->name));
  set(object, "dtype", json_string(row->impl->op->dtype));
  set(object, "impl", json_string(row->impl->impl));
  set(object, "level", json_string(level_names[row->level]));
  set(object, "threads", json_integer(row->threads));
  set(object, "elements", timed ? json_integer((json_int_t)row->elements) : json_null());
  set(object, "working_set_bytes", timed ? json_integer((json_int_t)row->working_set) : json_null());
  set(object, "huge_page_bytes",
      timed && row->huge_bytes >= 0 ? json_integer((json_int_t)row->huge_bytes) : json_null());
  set(object, "ns_per_element", timed ? describe_summary(row) : json_null());
  set(object, "bytes_per_element", number(timed ? row->bytes_per_element : NAN));
  set(object, "gb_per_s", number(timed ? row_gb_per_s(row) : NAN));
  set(object, "gflop_per_s", number(timed ? row_gflop_per_s(row) : NAN));
  set(object, "attainable_percent", number(row->status == ROW_MEASURED ? row_attainable_percent(row) : NAN));
  set(object, "bound_by", timed ? json_string(row_bound_by(row)) : json_null());
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

static json_t *describe_settings(const struct result *result) {
  const struct profile *profile = result->plan->profile;
  json_t *levels = json_array(), *threads = json_array(), *command = json_array();
  for (int level = 0; level < LEVELS; level++)
    if (result->plan->level[level]) json_array_append_new(levels, json_string(level_names[level]));
  for (int i = 0; i < result->plan->thread_counts; i++)
    json_array_append_new(threads, json_integer(result->plan->threads[i]));
  for (int i = 0; i < result->argc; i++) json_array_append_new(command, text_or_null(result->argv[i]));
  char seed[24];
  snprintf(seed, sizeof seed, "%llu", result->seed);
  json_t *settings = json_object();
  set(settings, "profile", json_string(profile->name));
  set(settings, "levels", levels);
  set(settings, "threads", threads);
  set(settings, "filter", text_or_null(result->filter));
  set(settings, "isa", text_or_null(result->isa));
  set(settings, "isa_rule", text_or_null(result->isa_rule));
  set(settings, "plugins", text_or_null(result->plugins));
  set(settings, "placement", json_string(result->arena.placement == PLACEMENT_STAGGERED ? "staggered" : "aligned"));
  set(settings, "pages", json_string(result->arena.pages == PAGES_HUGE ? "huge" : "small"));
  set(settings, "seed", json_string(seed));
  set(settings, "sample_seconds", json_real(profile->sample_seconds));
  set(settings, "dram_factor", json_real(profile->dram_factor));
  set(settings, "command", command);
  return settings;
}

static json_t *describe_threads_cost(const struct threads_cost *cost) {
  if (!cost->known) return json_null();
  return json_pack("{s:i, s:s, s:f, s:o}", "threads", cost->threads, "impl", cost->impl, "entry_seconds",
                   cost->entry_seconds, "pays_from_elements", number(cost->pays_from));
}

json_t *result_describe(const struct result *result) {
  json_t *root = json_object(), *rows = json_array(), *machine = describe_machine(result->machine);
  set(machine, "isas", describe_isas(result->library));
  set(machine, "threads_cost", describe_threads_cost(result->threads_cost));
  for (size_t i = 0; i < result->plan->count; i++) json_array_append_new(rows, describe_row(&result->plan->row[i]));
  set(root, "schema", json_string("gradmark.result/1"));
  set(root, "machine", machine);
  set(root, "environment", describe_environment(result->environment));
  set(root, "build", describe_build());
  set(root, "settings", describe_settings(result));
  set(root, "warnings", describe_warnings(result->environment));
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
