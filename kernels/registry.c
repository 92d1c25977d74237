/* Ops x ISAs -> implementations: what the build compiled, what this processor and system allow, what GRADMARK_ISA
 * leaves, and what plug-ins add. */
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "by_name.h"
#include "cpu.h"
#include "if_built.h"
#include "internal.h"
#include "isa_table.h"
#include "ops.h"

enum {
  ISA_COUNT =
#define ISA(...) +1
#include "isas.def"
};

struct isa_row {
  const char *name, *requires;
  gm_features features;
  bool fused, fast;
  int preference;
  const gm_isa_table *table; /* NULL where the build left the ISA out */
};

static const struct isa_row isa_rows[ISA_COUNT] = {
#define ISA(isa, features, fused, fast, preference, requires) \
  {#isa, requires, features, fused, fast, preference, GM_IF_BUILT(isa, &gm_isa_table_##isa)},
#include "isas.def"
};

enum { WHY_SIZE = 96 };

struct gm_library {
  gm_op op[GM_OPS];
  gm_isa isa[ISA_COUNT];
  char why_not[ISA_COUNT][WHY_SIZE];
  gm_impl *impl;
  size_t impl_count;
  void **plugin;
  size_t plugin_count;
};

const char *gm_version(void) { return GM_VERSION; }

/* ---- which ISAs ------------------------------------------------------------------------------------------------- */

static int isa_index(const char *name, size_t length) {
  for (int i = 0; i < ISA_COUNT; i++)
    if (strlen(isa_rows[i].name) == length && strncmp(isa_rows[i].name, name, length) == 0) return i;
  return -1;
}

/* Reads a rule such as "avx2,avx512" or "-avx512" into allowed[]. */
static gm_status apply_rule(const char *rule, bool allowed[ISA_COUNT], gm_error *error) {
  bool forced[ISA_COUNT] = {false}, forbidden[ISA_COUNT] = {false}, any_forced = false;
  for (const char *at = rule; *at;) {
    const size_t length = strcspn(at, ",");
    const bool minus = *at == '-';
    const int index = isa_index(at + minus, length - minus);
    if (index < 0)
      return gm_fail(error, GM_UNKNOWN_NAME, "unknown ISA '%.*s' in '%.100s'", (int)(length < 40 ? length : 40), at,
                     rule);
    if (minus)
      forbidden[index] = true;
    else
      forced[index] = any_forced = true;
    at += length;
    if (*at == ',') at++;
  }
  for (int i = 0; i < ISA_COUNT; i++) {
    const bool base = isa_rows[i].features == 0 && isa_rows[i].preference == 0;
    allowed[i] = !forbidden[i] && (!any_forced || forced[i] || base);
  }
  return GM_OK;
}

static gm_status examine_isas(gm_library *library, const char *rule, gm_error *error) {
  bool allowed[ISA_COUNT] = {false};
  const gm_status status = apply_rule(rule, allowed, error);
  if (status != GM_OK) return status;
  const gm_features present = gm_cpu_detect();
  for (int i = 0; i < ISA_COUNT; i++) {
    const struct isa_row *row = &isa_rows[i];
    const char *missing = gm_cpu_missing(row->features, present);
    char *why = library->why_not[i];
    if (!row->table)
      snprintf(why, WHY_SIZE, "not compiled into this build");
    else if (missing)
      snprintf(why, WHY_SIZE, "this processor or its operating system does not offer %s", missing);
    else if (!allowed[i])
      snprintf(why, WHY_SIZE, "excluded by GRADMARK_ISA");
    library->isa[i] = (gm_isa){
        .name = row->name,
        .requires = row->requires,
        .compiled = row->table != NULL,
        .supported = !missing,
        .allowed = allowed[i],
        .fast = row->fast,
        .fused = row->fused,
        .preference = row->preference,
        .why_not = *why ? why : NULL,
    };
  }
  return GM_OK;
}

/* ---- which implementations -------------------------------------------------------------------------------------- */

static size_t index_of(const gm_library *library, const gm_op *op) { return (size_t)(op - library->op); }

static gm_impl make_impl(const gm_library *library, const gm_op *op, int isa) {
  const struct isa_row *row = &isa_rows[isa];
  const gm_isa *seen = &library->isa[isa];
  gm_impl impl = {
      .op = op,
      .impl = row->name,
      .requires = row->requires,
      .body = row->table ? row->table->bodies[index_of(library, gm_plain(op))] : NULL,
      .compiled = seen->compiled,
      .runnable = seen->compiled && seen->supported && seen->allowed,
      .fused = row->fused,
      .fast = row->fast,
      .preference = row->preference,
      .why_not = seen->why_not,
  };
  snprintf(impl.name, sizeof impl.name, "%s/%s/%s", op->name, op->dtype, row->name);
  return impl;
}

static gm_status list_impls(gm_library *library, gm_error *error) {
  library->impl = calloc((size_t)GM_OPS * ISA_COUNT, sizeof *library->impl);
  if (!library->impl) return gm_fail(error, GM_NO_MEMORY, "no memory for the list of implementations");
  for (size_t i = 0; i < GM_OPS; i++)
    for (int isa = 0; isa < ISA_COUNT; isa++)
      if (!isa_rows[isa].fast || library->op[i].has_fast)
        library->impl[library->impl_count++] = make_impl(library, &library->op[i], isa);
  return GM_OK;
}

gm_library *gm_open(const char *isa_rule, gm_error *error) {
  gm_parallel_open();
  if (!isa_rule) isa_rule = getenv("GRADMARK_ISA");
  gm_library *library = calloc(1, sizeof *library);
  if (!library) {
    gm_fail(error, GM_NO_MEMORY, "no memory for the library");
    return NULL;
  }
  gm_ops_describe(library->op);
  if (examine_isas(library, isa_rule ? isa_rule : "", error) != GM_OK || list_impls(library, error) != GM_OK) {
    gm_close(library);
    return NULL;
  }
  return library;
}

void gm_close(gm_library *library) {
  if (!library) return;
  for (size_t i = 0; i < library->plugin_count; i++) dlclose(library->plugin[i]);
  free(library->plugin);
  free(library->impl);
  free(library);
}

/* ---- plug-ins --------------------------------------------------------------------------------------------------- */

static const gm_op *op_named(const gm_library *library, const char *name, const char *dtype) {
  for (size_t i = 0; i < GM_OPS; i++)
    if (strcmp(library->op[i].name, name) == 0 && strcmp(library->op[i].dtype, dtype) == 0) return &library->op[i];
  return NULL;
}

static bool has_impl(const gm_library *library, const char *name) {
  for (size_t i = 0; i < library->impl_count; i++)
    if (strcmp(library->impl[i].name, name) == 0) return true;
  return false;
}

/* Names stand in files, reports and on terminals, between slashes. */
static bool is_name(const char *text) {
  static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.+";
  return *text && text[strspn(text, allowed)] == '\0';
}

static bool is_plain_text(const char *text) {
  for (; *text; text++)
    if ((unsigned char)*text < ' ' || (unsigned char)*text > '~') return false;
  return true;
}

static gm_status from_plugin(const gm_library *library, const gm_plugin_impl *given, gm_impl *impl, gm_error *error) {
  if (!given->op || !given->dtype || !given->impl || !given->body.run)
    return gm_fail(error, GM_BAD_PLUGIN, "an implementation without op, dtype, name or body");
  if (!is_name(given->op) || !is_name(given->dtype) || !is_name(given->impl))
    return gm_fail(error, GM_BAD_PLUGIN, "a name that is empty or not of letters, digits and _-.+ alone");
  if (given->requires && !is_plain_text(given->requires))
    return gm_fail(error, GM_BAD_PLUGIN, "'%.60s': `requires` is not plain ASCII text", given->impl);
  const gm_op *op = op_named(library, given->op, given->dtype);
  if (!op) return gm_fail(error, GM_BAD_PLUGIN, "unknown op '%.60s/%.20s'", given->op, given->dtype);
  if (op->shape == GM_MATRIX && !given->body.tiles)
    return gm_fail(error, GM_BAD_PLUGIN, "'%.60s' needs a body that counts its tiles", given->op);
  if (op->second_pass && (!given->body.conclude || !given->body.apply))
    return gm_fail(error, GM_BAD_PLUGIN, "'%.60s' needs a body with a second pass", given->op);
  const bool runnable = !given->runnable || given->runnable();
  *impl = (gm_impl){
      .op = op,
      .impl = given->impl,
      .requires = given->requires ? given->requires : "not said by the plug-in",
      .body = &given->body,
      .runnable = runnable,
      .compiled = true,
      .plugin = true,
      .fused = given->fused,
      .fast = given->fast,
      .preference = -1, /* gm_find never chooses it unasked */
      .why_not = runnable ? NULL : "its plug-in says that it does not run here",
  };
  const int length = snprintf(impl->name, sizeof impl->name, "%s/%s/%s", op->name, op->dtype, given->impl);
  if (length >= (int)sizeof impl->name) return gm_fail(error, GM_BAD_PLUGIN, "a name that is too long");
  if (has_impl(library, impl->name)) return gm_fail(error, GM_BAD_PLUGIN, "'%.90s' exists already", impl->name);
  return GM_OK;
}

/* dlopen looks for a name without a slash where libraries are. */
static void *open_file(const char *file) {
  if (strchr(file, '/')) return dlopen(file, RTLD_NOW | RTLD_LOCAL);
  char path[PATH_MAX];
  const int length = snprintf(path, sizeof path, "./%s", file);
  return dlopen(length < (int)sizeof path ? path : file, RTLD_NOW | RTLD_LOCAL);
}

gm_status gm_load_plugin(gm_library *library, const char *file, gm_error *error) {
  if (!library || !file) return gm_fail(error, GM_BAD_PLUGIN, "no library or no plug-in was given");
  void *handle = open_file(file);
  if (!handle) return gm_fail(error, GM_BAD_PLUGIN, "plug-in cannot be loaded: %.180s", dlerror());
  const gm_plugin_table *plugin = dlsym(handle, "gm_plugin");
  gm_status status = GM_OK;
  gm_impl *impl = NULL;
  void **plugins = NULL;
  if (!plugin || plugin->abi != GM_PLUGIN_ABI) {
    status = gm_fail(error, GM_BAD_PLUGIN, "'%.100s' exports no gm_plugin of ABI %d", file, GM_PLUGIN_ABI);
    goto failed;
  }
  impl = realloc(library->impl, (library->impl_count + plugin->count) * sizeof *impl);
  if (impl) library->impl = impl;
  plugins = realloc(library->plugin, (library->plugin_count + 1) * sizeof *plugins);
  if (plugins) library->plugin = plugins;
  if (!impl || !plugins) {
    status = gm_fail(error, GM_NO_MEMORY, "no memory for plug-in '%.100s'", file);
    goto failed;
  }
  const size_t before = library->impl_count;
  for (size_t i = 0; i < plugin->count; i++) {
    gm_error inner;
    status = from_plugin(library, &plugin->impls[i], &library->impl[library->impl_count], &inner);
    if (status != GM_OK) {
      library->impl_count = before;
      gm_fail(error, status, "plug-in '%.80s': %.130s", file, inner.message);
      goto failed;
    }
    library->impl_count++;
  }
  library->plugin[library->plugin_count++] = handle;
  return GM_OK;
failed:
  dlclose(handle);
  return status;
}

/* ---- looking up ------------------------------------------------------------------------------------------------- */

size_t gm_op_count(const gm_library *library) { return library ? GM_OPS : 0; }
const gm_op *gm_op_at(const gm_library *library, size_t index) {
  return index < gm_op_count(library) ? &library->op[index] : NULL;
}
size_t gm_isa_count(const gm_library *library) { return library ? ISA_COUNT : 0; }
const gm_isa *gm_isa_at(const gm_library *library, size_t index) {
  return index < gm_isa_count(library) ? &library->isa[index] : NULL;
}
size_t gm_impl_count(const gm_library *library) { return library ? library->impl_count : 0; }
const gm_impl *gm_impl_at(const gm_library *library, size_t index) {
  return index < gm_impl_count(library) ? &library->impl[index] : NULL;
}

/* `name` is op/dtype of `op`, and nothing more. */
static bool names_op(const char *name, const gm_op *op) {
  const size_t length = strlen(op->name);
  return strncmp(name, op->name, length) == 0 && name[length] == '/' && strcmp(name + length + 1, op->dtype) == 0;
}

const gm_impl *gm_find(const gm_library *library, const char *name, gm_error *error) {
  const gm_impl *best = NULL, *excluded = NULL;
  if (!library || !name) {
    gm_fail(error, GM_UNKNOWN_NAME, "no %s was given", library ? "name" : "library");
    return NULL;
  }
  for (size_t i = 0; i < library->impl_count; i++) {
    const gm_impl *impl = &library->impl[i];
    if (strcmp(impl->name, name) == 0) return impl;
    if (!names_op(name, impl->op) || impl->fast || impl->plugin) continue;
    if (!impl->runnable) {
      if (!excluded || impl->compiled) excluded = impl; /* what the build has not got is the least of reasons */
    } else if (!best || impl->preference > best->preference)
      best = impl;
  }
  if (!best && excluded)
    gm_fail(error, GM_NOT_RUNNABLE, "no implementation of %.60s runs here (%s: %.100s)", name, excluded->impl,
            excluded->why_not);
  else if (!best)
    gm_fail(error, GM_UNKNOWN_NAME, "no implementation is named '%.100s'", name);
  return best;
}
