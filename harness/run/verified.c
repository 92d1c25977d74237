#define _GNU_SOURCE
#include "run/verified.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "hash.h"

/* ---- which code ----------------------------------------------------------------------------------------------------
 */

static bool add_file(uint64_t *hash, const char *path) {
  char part[1 << 14];
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t got = file < 0 ? -1 : 1;
  while (got > 0 && (got = read(file, part, sizeof part)) > 0) *hash = hash_add(*hash, part, (size_t)got);
  if (file >= 0) close(file);
  return got == 0;
}

static bool add_plugins(uint64_t *hash, const char *plugins) {
  for (const char *at = plugins; at && *at;) {
    char path[4096];
    const size_t length = strcspn(at, ",");
    if (length >= sizeof path) return false;
    snprintf(path, sizeof path, "%.*s", (int)length, at);
    if (!add_file(hash, path)) return false;
    at += length + (at[length] == ',');
  }
  return true;
}

void verified_hash(const char *plugins, char text[VERIFIED_HASH]) {
  uint64_t hash = HASH_BEGIN;
  Dl_info library;
  void *symbol;
  gm_library *(*const function)(const char *, gm_error *) = gm_open;
  memcpy(&symbol, &function, sizeof symbol);
  text[0] = '\0';
  if (!add_file(&hash, "/proc/self/exe") || !dladdr(symbol, &library) || !add_file(&hash, library.dli_fname)) return;
  if (add_plugins(&hash, plugins)) snprintf(text, VERIFIED_HASH, "%016llx", (unsigned long long)hash);
}

/* ---- what it has proved
 * ---------------------------------------------------------------------------------------------- */

static const char *text_at(const json_t *root, const char *object, const char *member) {
  const char *text = json_string_value(json_object_get(json_object_get(root, object), member));
  return text ? text : "";
}

/* Why its proofs are none of ours; NULL if they are. */
static const char *why_not(const struct run *run, const json_t *root) {
  const char *rule = getenv("GRADMARK_ISA"), *schema = json_string_value(json_object_get(root, "schema"));
  const json_t *processor = json_object_get(json_object_get(root, "machine"), "processor");
  const char *name = json_string_value(json_object_get(processor, "name"));
  char hash[VERIFIED_HASH];
  verified_hash(run->options.plugins, hash);
  if (!schema || strncmp(schema, "gradmark.result/", 16) != 0) return "it is no result file";
  if (!hash[0] || strcmp(text_at(root, "settings", "code_hash"), hash) != 0)
    return "it was written by another program, library or plug-in than these";
  if (strcmp(text_at(root, "machine", "host"), run->machine.host) != 0 ||
      strcmp(name ? name : "", run->machine.processor.name) != 0)
    return "it is of another machine";
  if (strcmp(text_at(root, "settings", "isa_rule"), rule ? rule : "") != 0) return "GRADMARK_ISA was another";
  return NULL;
}

static void take_row(struct plan *plan, const json_t *object) {
  const char *op = json_string_value(json_object_get(object, "op"));
  const char *dtype = json_string_value(json_object_get(object, "dtype"));
  const char *impl = json_string_value(json_object_get(object, "impl"));
  char name[GM_NAME_SIZE];
  if (!op || !dtype || !impl || !json_is_true(json_object_get(object, "verified"))) return;
  snprintf(name, sizeof name, "%s/%s/%s", op, dtype, impl);
  const json_t *ulp = json_object_get(object, "max_ulp");
  for (size_t i = 0; i < plan->count; i++) {
    struct row *row = &plan->row[i];
    if (row->status != ROW_PLANNED || strcmp(row->impl->name, name) != 0) continue;
    row->verified = true;
    row->max_ulp = json_is_number(ulp) ? json_number_value(ulp) : NAN;
  }
}

bool verified_read(struct run *run, const char *file) {
  json_error_t error;
  json_t *root = json_load_file(file, JSON_REJECT_DUPLICATES, &error);
  if (!root) return cli_fail("--verified %s: %s", file, error.text), false;
  const char *why = why_not(run, root);
  if (why) {
    cli_fail("--verified %s: %s, so that what it proved says nothing here", file, why);
  } else {
    const json_t *rows = json_object_get(root, "rows");
    for (size_t i = 0; i < json_array_size(rows); i++) take_row(&run->plan, json_array_get(rows, i));
  }
  json_decref(root);
  return !why;
}
