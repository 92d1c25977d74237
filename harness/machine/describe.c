#include "describe.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What comes from firmware or from the environment need not be UTF-8; other bytes become question marks. */
static json_t *any_text(const char *text) {
  json_t *value = json_string(text);
  if (value) return value;
  char *clean = strdup(text);
  if (!clean) return NULL;
  for (char *at = clean; *at; at++)
    if ((unsigned char)*at >= 0x80) *at = '?';
  value = json_string(clean);
  free(clean);
  return value;
}

static json_t *text_or_null(const char *text) { return text && text[0] ? any_text(text) : json_null(); }
static json_t *number_or_null(double number) { return isfinite(number) ? json_real(number) : json_null(); }
static json_t *count_or_null(uint64_t count) { return count ? json_integer((json_int_t)count) : json_null(); }
static json_t *id_or_null(int id) { return id >= 0 ? json_integer(id) : json_null(); }

static json_t *yes_or_null(bool known, bool yes) { return known ? json_boolean(yes) : json_null(); }

static json_t *describe_hypervisor(const struct machine *machine) {
  return json_pack("{s:o, s:o}", "present",
                   yes_or_null(machine->hypervisor != MACHINE_UNKNOWN, machine->hypervisor == MACHINE_YES), "name",
                   text_or_null(machine->hypervisor_name));
}

static json_t *describe_processor(const struct machine_processor *processor) {
  return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "vendor", text_or_null(processor->vendor), "name",
                   text_or_null(processor->name), "architecture", text_or_null(processor->architecture), "family",
                   id_or_null(processor->family), "model", id_or_null(processor->model), "stepping",
                   id_or_null(processor->stepping), "microcode", text_or_null(processor->microcode));
}

static json_t *describe_pus(const struct machine *machine) {
  json_t *array = json_array();
  for (unsigned i = 0; i < machine->pus; i++) {
    const struct machine_pu *pu = &machine->pu[i];
    json_array_append_new(array, json_pack("{s:I, s:I, s:I, s:I, s:I}", "os_index", (json_int_t)pu->os_index, "core",
                                           (json_int_t)pu->core, "package", (json_int_t)pu->package, "numa_node",
                                           (json_int_t)pu->node, "sibling", (json_int_t)pu->sibling));
  }
  return array;
}

/* hwloc's own XML, so that the machine can be drawn elsewhere. */
static json_t *describe_xml(const struct machine *machine) {
  enum { MOST = 1 << 20 };
  char *xml = machine_xml(machine);
  json_t *value = xml && strlen(xml) <= MOST ? any_text(xml) : json_null();
  free(xml);
  return value;
}

static json_t *describe_topology(const struct machine *machine) {
  return json_pack("{s:b, s:o, s:b, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o}", "visible", machine->topology_visible,
                   "source", text_or_null(machine->topology_source), "this_system", machine->this_system, "cores",
                   (json_int_t)machine->cores, "pus", (json_int_t)machine->pus, "packages",
                   (json_int_t)machine->packages, "numa_nodes", (json_int_t)machine->numa_nodes, "smt",
                   (json_int_t)machine->smt, "core_kinds", count_or_null(machine->core_kinds), "online_pus",
                   count_or_null(machine->online_pus), "pu", describe_pus(machine), "xml", describe_xml(machine));
}

static json_t *describe_cache(int level, const struct machine_cache *cache) {
  const bool seen = cache->bytes > 0;
  return json_pack("{s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "level", level, "bytes",
                   count_or_null(cache->bytes), "line_bytes", count_or_null(cache->line), "ways",
                   count_or_null(cache->ways), "shared_by", count_or_null(cache->shared_by), "usable_by",
                   count_or_null(cache->usable_by), "count", count_or_null(cache->count), "unified",
                   yes_or_null(seen, cache->unified), "uniform", yes_or_null(seen, cache->uniform));
}

static json_t *describe_caches(const struct machine *machine) {
  json_t *array = json_array();
  for (int level = 0; level < MACHINE_LEVELS; level++)
    json_array_append_new(array, describe_cache(level + 1, &machine->cache[level]));
  return array;
}

static json_t *describe_memory(const struct machine_memory *memory) {
  return json_pack("{s:o, s:o, s:o, s:o}", "total_bytes", count_or_null(memory->total), "available_bytes",
                   count_or_null(memory->available), "limit_bytes", count_or_null(memory->limit), "page_bytes",
                   count_or_null(memory->page));
}

json_t *describe_machine(const struct machine *machine) {
  return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "host", text_or_null(machine->host), "system",
                   text_or_null(machine->system), "kernel", text_or_null(machine->kernel), "product",
                   text_or_null(machine->product), "hypervisor", describe_hypervisor(machine), "processor",
                   describe_processor(&machine->processor), "topology", describe_topology(machine), "caches",
                   describe_caches(machine), "memory", describe_memory(&machine->memory));
}

static json_t *describe_item(const struct environment_item *item) {
  const bool visible = item->state != ENVIRONMENT_NOT_VISIBLE;
  return json_pack("{s:s, s:s, s:o, s:o, s:s?, s:o}", "label", item->label, "state",
                   environment_state_name(item->state), "value", visible ? text_or_null(item->value) : json_null(),
                   "number", number_or_null(item->number), "unit", item->unit, "why_not",
                   visible ? json_null() : text_or_null(item->value));
}

static json_t *describe_items(const struct environment *environment) {
  json_t *object = json_object();
  for (int i = 0; i < ENVIRONMENT_ITEMS; i++)
    json_object_set_new(object, environment->item[i].id, describe_item(&environment->item[i]));
  return object;
}

static json_t *describe_vulnerabilities(const struct environment *environment) {
  if (environment->vulnerabilities == 0) return json_null();
  json_t *object = json_object();
  for (size_t i = 0; i < environment->vulnerabilities; i++)
    json_object_set_new(object, environment->vulnerability[i].name, any_text(environment->vulnerability[i].state));
  return object;
}

json_t *describe_environment(const struct environment *environment) {
  return json_pack("{s:b, s:o, s:o, s:o}", "emulated", environment->emulated, "emulator",
                   text_or_null(environment->emulator), "items", describe_items(environment), "vulnerabilities",
                   describe_vulnerabilities(environment));
}

json_t *describe_warnings(const struct environment *environment) {
  json_t *array = json_array();
  for (size_t i = 0; i < environment->warnings; i++) {
    const struct environment_warning *warning = &environment->warning[i];
    json_array_append_new(array, json_pack("{s:s, s:o, s:o, s:o}", "id", warning->id, "what", any_text(warning->what),
                                           "cause", any_text(warning->cause), "cure", any_text(warning->cure)));
  }
  return array;
}

json_t *describe_isas(const gm_library *library) {
  json_t *array = json_array();
  for (size_t i = 0; i < gm_isa_count(library); i++) {
    const gm_isa *isa = gm_isa_at(library, i);
    const bool runnable = isa->compiled && isa->supported && isa->allowed;
    json_array_append_new(
        array, json_pack("{s:s, s:s, s:b, s:b, s:b, s:b, s:b, s:b, s:o}", "name", isa->name, "requires", isa->requires,
                         "compiled", isa->compiled, "supported", isa->supported, "allowed", isa->allowed, "runnable",
                         runnable, "fused", isa->fused, "fast", isa->fast, "why_not",
                         runnable ? json_null() : text_or_null(isa->why_not)));
  }
  return array;
}
