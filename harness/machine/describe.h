/* The machine and its environment as JSON, for result files and `gradmark info --json`. Unknown is null, never absent
 * and never zero. Every function gives a new reference, NULL without memory. */
#ifndef GRADMARK_DESCRIBE_H
#define GRADMARK_DESCRIBE_H

#include <jansson.h>

#include "by_name.h"
#include "environment.h"
#include "topology.h"

/* {"host", "system", "kernel", "product", "hypervisor": {"present", "name"},
 *  "processor": {"vendor", "name", "architecture", "family", "model", "stepping", "microcode"},
 *  "topology": {"visible", "source", "this_system", "cores", "pus", "packages", "numa_nodes", "smt", "core_kinds",
 *               "online_pus", "pu": [{"os_index", "core", "package", "numa_node", "sibling"}],
 *               "xml": hwloc's own},
 *  "caches": [{"level", "bytes", "line_bytes", "ways", "shared_by", "usable_by", "count", "unified", "uniform"}],
 *  "memory": {"total_bytes", "available_bytes", "limit_bytes", "page_bytes"}}
 * `caches` has one member for each level 1 .. 3; the figures of a level that is not seen are null. */
json_t *describe_machine(const struct machine *machine);

/* {"emulated", "emulator", "items": {id: {"label", "state", "value", "number", "unit", "why_not"}, ...},
 *  "vulnerabilities": {name: text, ...} or null}; "state" is "fine", "warned" or "not visible",
 * and then "why_not" says what is missing. */
json_t *describe_environment(const struct environment *environment);

/* [{"id", "what", "cause", "cure"}, ...] */
json_t *describe_warnings(const struct environment *environment);

/* [{"name", "requires", "compiled", "supported", "allowed", "runnable", "fused", "fast", "why_not"}, ...] */
json_t *describe_isas(const gm_library *library);

#endif
