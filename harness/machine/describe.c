#include "describe.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* An object in the making. Once a member could not be added the whole counts as failed, so that the callers need to
 * look only once, at the end. */
struct object {
  json_t *json;
  bool failed;
};

static struct object begin(void) {
  json_t *json = json_object();
  return (struct object){.json = json, .failed = !json};
}

static void put(struct object *object, const char *name, json_t *value) {
  if (object->failed)
    json_decref(value);
  else
    object->failed = json_object_set_new(object->json, name, value) != 0;
}

static json_t *end(struct object *object) {
  if (!object->failed) return object->json;
  json_decref(object->json);
  return NULL;
}

/* Adds to an array, or gives up on it. */
static json_t *append(json_t *array, json_t *value) {
  if (!array) {
    json_decref(value);
    return NULL;
  }
  if (json_array_append_new(array, value) == 0) return array;
  json_decref(array);
  return NULL;
}

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

static json_t *describe_hypervisor(const struct machine *machine) {
  struct object object = begin();
  put(&object, "present",
      machine->hypervisor == MACHINE_UNKNOWN ? json_null() : json_boolean(machine->hypervisor == MACHINE_YES));
  put(&object, "name", text_or_null(machine->hypervisor_name));
  return end(&object);
}

static json_t *describe_processor(const struct machine_processor *processor) {
  struct object object = begin();
  put(&object, "vendor", text_or_null(processor->vendor));
  put(&object, "name", text_or_null(processor->name));
  put(&object, "architecture", text_or_null(processor->architecture));
  put(&object, "family", id_or_null(processor->family));
  put(&object, "model", id_or_null(processor->model));
  put(&object, "stepping", id_or_null(processor->stepping));
  put(&object, "microcode", text_or_null(processor->microcode));
  return end(&object);
}

static json_t *describe_pus(const struct machine *machine) {
  json_t *array = json_array();
  for (unsigned i = 0; array && i < machine->pus; i++) {
    const struct machine_pu *pu = &machine->pu[i];
    struct object object = begin();
    put(&object, "os_index", json_integer(pu->os_index));
    put(&object, "core", json_integer(pu->core));
    put(&object, "package", json_integer(pu->package));
    put(&object, "numa_node", json_integer(pu->node));
    put(&object, "sibling", json_integer(pu->sibling));
    array = append(array, end(&object));
  }
  return array;
}

/* hwloc's own XML, so that the machine can be drawn elsewhere. */
static json_t *describe_xml(const struct machine *machine) {
  enum { MOST = 1 << 20 };
  size_t length;
  char *xml = machine_xml(machine, &length);
  json_t *value = xml && length <= MOST ? any_text(xml) : json_null();
  free(xml);
  return value;
}

static json_t *describe_topology(const struct machine *machine) {
  struct object object = begin();
  put(&object, "visible", json_boolean(machine->topology_visible));
  put(&object, "source", text_or_null(machine->topology_source));
  put(&object, "this_system", json_boolean(machine->this_system));
  put(&object, "cores", json_integer(machine->cores));
  put(&object, "pus", json_integer(machine->pus));
  put(&object, "packages", json_integer(machine->packages));
  put(&object, "numa_nodes", json_integer(machine->numa_nodes));
  put(&object, "smt", json_integer(machine->smt));
  put(&object, "core_kinds", count_or_null(machine->core_kinds));
  put(&object, "online_pus", count_or_null(machine->online_pus));
  put(&object, "pu", describe_pus(machine));
  put(&object, "xml", describe_xml(machine));
  return end(&object);
}

static json_t *describe_cache(int level, const struct machine_cache *cache) {
  const bool seen = cache->bytes > 0;
  struct object object = begin();
  put(&object, "level", json_integer(level));
  put(&object, "bytes", count_or_null(cache->bytes));
  put(&object, "line_bytes", count_or_null(cache->line));
  put(&object, "ways", count_or_null(cache->ways));
  put(&object, "shared_by", count_or_null(cache->shared_by));
  put(&object, "usable_by", count_or_null(cache->usable_by));
  put(&object, "count", count_or_null(cache->count));
  put(&object, "unified", seen ? json_boolean(cache->unified) : json_null());
  put(&object, "uniform", seen ? json_boolean(cache->uniform) : json_null());
  return end(&object);
}

static json_t *describe_caches(const struct machine *machine) {
  json_t *array = json_array();
  for (int level = 0; array && level < MACHINE_LEVELS; level++)
    array = append(array, describe_cache(level + 1, &machine->cache[level]));
  return array;
}

static json_t *describe_memory(const struct machine_memory *memory) {
  struct object object = begin();
  put(&object, "total_bytes", count_or_null(memory->total));
  put(&object, "available_bytes", count_or_null(memory->available));
  put(&object, "limit_bytes", count_or_null(memory->limit));
  put(&object, "page_bytes", count_or_null(memory->page));
  return end(&object);
}

json_t *describe_machine(const struct machine *machine) {
  struct object object = begin();
  put(&object, "host", text_or_null(machine->host));
  put(&object, "system", text_or_null(machine->system));
  put(&object, "kernel", text_or_null(machine->kernel));
  put(&object, "product", text_or_null(machine->product));
  put(&object, "hypervisor", describe_hypervisor(machine));
  put(&object, "processor", describe_processor(&machine->processor));
  put(&object, "topology", describe_topology(machine));
  put(&object, "caches", describe_caches(machine));
  put(&object, "memory", describe_memory(&machine->memory));
  return end(&object);
}

static json_t *describe_item(const struct environment_item *item) {
  const bool visible = item->state != ENVIRONMENT_NOT_VISIBLE;
  struct object object = begin();
  put(&object, "label", any_text(item->label));
  put(&object, "state", any_text(environment_state_name(item->state)));
  put(&object, "value", visible ? text_or_null(item->value) : json_null());
  put(&object, "number", number_or_null(item->number));
  put(&object, "unit", text_or_null(item->unit));
  put(&object, "why_not", visible ? json_null() : text_or_null(item->value));
  return end(&object);
}

static json_t *describe_items(const struct environment *environment) {
  struct object object = begin();
  for (int i = 0; i < ENVIRONMENT_ITEMS; i++)
    put(&object, environment->item[i].id, describe_item(&environment->item[i]));
  return end(&object);
}

static json_t *describe_vulnerabilities(const struct environment *environment) {
  if (environment->vulnerabilities == 0) return json_null();
  struct object object = begin();
  for (size_t i = 0; i < environment->vulnerabilities; i++)
    put(&object, environment->vulnerability[i].name, any_text(environment->vulnerability[i].state));
  return end(&object);
}

json_t *describe_environment(const struct environment *environment) {
  struct object object = begin();
  put(&object, "emulated", json_boolean(environment->emulated));
  put(&object, "emulator", text_or_null(environment->emulator));
  put(&object, "items", describe_items(environment));
  put(&object, "vulnerabilities", describe_vulnerabilities(environment));
  return end(&object);
}

json_t *describe_warnings(const struct environment *environment) {
  json_t *array = json_array();
  for (size_t i = 0; array && i < environment->warnings; i++) {
    const struct environment_warning *warning = &environment->warning[i];
    struct object object = begin();
    put(&object, "id", any_text(warning->id));
    put(&object, "what", any_text(warning->what));
    put(&object, "cause", any_text(warning->cause));
    put(&object, "cure", any_text(warning->cure));
    array = append(array, end(&object));
  }
  return array;
}

json_t *describe_isas(const gm_library *library) {
  json_t *array = json_array();
  for (size_t i = 0; array && i < gm_isa_count(library); i++) {
    const gm_isa *isa = gm_isa_at(library, i);
    const bool runnable = isa->compiled && isa->supported && isa->allowed;
    struct object object = begin();
    put(&object, "name", any_text(isa->name));
    put(&object, "requires", any_text(isa->requires));
    put(&object, "compiled", json_boolean(isa->compiled));
    put(&object, "supported", json_boolean(isa->supported));
    put(&object, "allowed", json_boolean(isa->allowed));
    put(&object, "runnable", json_boolean(runnable));
    put(&object, "fused", json_boolean(isa->fused));
    put(&object, "fast", json_boolean(isa->fast));
    put(&object, "why_not", runnable ? json_null() : text_or_null(isa->why_not));
    array = append(array, end(&object));
  }
  return array;
}
