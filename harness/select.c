#include "select.h"

#include <dlfcn.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "guardian.h"
#include "verify/trap.h"

bool select_in_list(const char *list, const char *name) {
  const size_t length = strlen(name);
  for (const char *at = list; *at;) {
    const size_t word = strcspn(at, ",");
    if (word == length && strncmp(at, name, length) == 0) return true;
    at += word + (at[word] == ',');
  }
  return false;
}

static bool known_isa(const gm_library *library, const char *name) {
  for (size_t i = 0; i < gm_isa_count(library); i++)
    if (strcmp(gm_isa_at(library, i)->name, name) == 0) return true;
  for (size_t i = 0; i < gm_impl_count(library); i++) /* a plug-in's own */
    if (strcmp(gm_impl_at(library, i)->impl, name) == 0) return true;
  return false;
}

bool select_isas_known(const gm_library *library, const char *isas) {
  for (const char *at = isas; *at;) {
    char word[GM_NAME_SIZE];
    const size_t length = strcspn(at, ",");
    snprintf(word, sizeof word, "%.*s", (int)length, at);
    if (!known_isa(library, word)) {
      char known[400] = "";
      for (size_t i = 0; i < gm_isa_count(library); i++) {
        strncat(known, i ? ", " : "", sizeof known - strlen(known) - 1);
        strncat(known, gm_isa_at(library, i)->name, sizeof known - strlen(known) - 1);
      }
      cli_fail("unknown ISA '%s'; known are %s", word, known);
      return false;
    }
    at += length + (at[length] == ',');
  }
  return true;
}

static bool compile(const char *filter, regex_t *regex) {
  const int code = regcomp(regex, filter, REG_EXTENDED | REG_NOSUB);
  if (code == 0) return true;
  char why[128];
  regerror(code, regex, why, sizeof why);
  cli_fail("--filter '%s' is not a regular expression: %s", filter, why);
  return false;
}

/* A plug-in's implementations stand behind those of its op. */
static void bring_together(struct selection *selection) {
  for (size_t i = 1; i < selection->count; i++) {
    size_t to = i;
    while (to > 0 && selection->impl[to - 1]->op > selection->impl[i]->op) to--;
    const gm_impl *moved = selection->impl[i];
    memmove(&selection->impl[to + 1], &selection->impl[to], (i - to) * sizeof *selection->impl);
    selection->impl[to] = moved;
  }
}

bool select_impls(const gm_library *library, const char *filter, const char *isas, bool runnable_only,
                  struct selection *selection) {
  *selection = (struct selection){0};
  regex_t regex;
  if (isas && !select_isas_known(library, isas)) return false;
  if (filter && !compile(filter, &regex)) return false;
  selection->impl = calloc(gm_impl_count(library), sizeof *selection->impl);
  size_t not_runnable = 0;
  const char *why_not = NULL;
  for (size_t i = 0; selection->impl && i < gm_impl_count(library); i++) {
    const gm_impl *impl = gm_impl_at(library, i);
    if (filter && regexec(&regex, impl->name, 0, NULL, 0) != 0) continue;
    if (isas && !select_in_list(isas, impl->impl)) continue;
    if (runnable_only && !impl->runnable) {
      not_runnable++;
      if (!why_not || impl->compiled) why_not = impl->why_not; /* what the build has not got is the least of reasons */
      continue;
    }
    selection->impl[selection->count++] = impl;
  }
  if (filter) regfree(&regex);
  bring_together(selection);
  if (!selection->impl)
    cli_fail("no memory for the selection");
  else if (selection->count == 0 && not_runnable)
    cli_fail("none of the %zu implementations that match can run here: %s", not_runnable, why_not);
  else if (selection->count == 0)
    cli_fail("no implementation matches%s%s%s%s (gradmark list shows all)", filter ? " --filter " : "",
             filter ? filter : "", isas ? " --isa " : "", isas ? isas : "");
  if (selection->count) return true;
  select_free(selection);
  return false;
}

void select_free(struct selection *selection) {
  free(selection->impl);
  *selection = (struct selection){0};
}

/* Was it left as it was? Else puts it right, and says where it was changed, if nowhere before. */
static void check_arithmetic(enum foreign what, enum foreign *changed) {
  if (state_arithmetic_is_usual()) return;
  state_arithmetic_make_usual();
  if (!*changed) *changed = what;
}

/* Its constructors run alone first, and then what the library asks of it. */
static bool load_plugin(gm_library *library, const char *file, enum foreign *changed) {
  gm_error error;
  guardian_name(file);
  guardian_mark(0, FOREIGN_CONSTRUCTOR);
  void *handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  check_arithmetic(FOREIGN_CONSTRUCTOR, changed);
  guardian_mark(0, FOREIGN_RUNNABLE);
  const bool loaded = gm_load_plugin(library, file, &error) == GM_OK;
  check_arithmetic(FOREIGN_RUNNABLE, changed);
  guardian_mark(0, FOREIGN_NONE);
  if (handle) dlclose(handle);
  if (!loaded) cli_fail("%s", error.message);
  return loaded;
}

/* The same, and whether it left the process as it was. */
static int load_watched(gm_library *library, const char *file) {
  struct state_descriptors descriptors;
  enum foreign altered = FOREIGN_NONE;
  state_remember(&descriptors);
  const bool loaded = load_plugin(library, file, &altered);
  const int changed = state_put_back(&descriptors);
  if (changed >= 0)
    cli_fail(
        "plug-in '%s' FAILED: it closed or replaced the open descriptor %d, which is not its own, when it was loaded",
        file, changed);
  if (altered)
    cli_fail("plug-in '%s' FAILED: it changed how floating-point arithmetic is done %s", file,
             foreign_description(altered));
  if (changed >= 0 || altered) return EXIT_FAILED;
  return loaded ? EXIT_FINE : EXIT_USAGE;
}

/* dlopen would look for a name without a slash where libraries are. */
int select_plugins(gm_library *library, const char *files) {
  int status = EXIT_FINE;
  for (const char *at = files; at && *at && status == EXIT_FINE;) {
    char file[4096];
    const size_t length = strcspn(at, ",");
    snprintf(file, sizeof file, "%s%.*s", memchr(at, '/', length) ? "" : "./", (int)length, at);
    status = load_watched(library, file);
    at += length + (at[length] == ',');
  }
  return status;
}
