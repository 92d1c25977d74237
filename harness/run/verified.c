#define _GNU_SOURCE
#include "run/verified.h"

#include <fcntl.h>
#include <jansson.h>
#include <link.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "hash.h"
#include "machine/clock.h"
#include "terminal/interrupt.h"
#include "terminal/progress.h"

/* ---- which code ------------------------------------------------------------------------------------------------- */

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

struct code {
  uint64_t hash;
  const char *library; /* an address in it */
  size_t objects;      /* that were seen */
};

/* What of the program, the first object, and of its library is mapped and not written to: the file of a program that
 * was started by a loader of its own, or that sees no /proc, cannot be found. */
static int add_code(struct dl_phdr_info *object, size_t size, void *context) {
  (void)size;
  struct code *code = context;
  bool wanted = code->objects++ == 0;
  for (int pass = 0; pass < 2; pass++)
    for (int i = 0; i < object->dlpi_phnum; i++) {
      const ElfW(Phdr) *part = &object->dlpi_phdr[i];
      const char *begin = (const char *)(object->dlpi_addr + part->p_vaddr);  // NOLINT(performance-no-int-to-ptr)
      if (part->p_type != PT_LOAD) continue;
      if (pass == 0)
        wanted |= code->library >= begin && code->library < begin + part->p_memsz;
      else if (wanted && (part->p_flags & PF_R) && !(part->p_flags & PF_W))
        code->hash = hash_add(code->hash, begin, part->p_filesz);
    }
  return 0;
}

void verified_hash(const char *plugins, char text[VERIFIED_HASH]) {
  struct code code = {.hash = HASH_BEGIN};
  gm_library *(*const function)(const char *, gm_error *) = gm_open;
  memcpy(&code.library, &function, sizeof code.library);
  dl_iterate_phdr(add_code, &code);
  text[0] = '\0';
  if (add_plugins(&code.hash, plugins)) snprintf(text, VERIFIED_HASH, "%016llx", (unsigned long long)code.hash);
}

/* ---- what another process proved -------------------------------------------------------------------------------- */

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

/* Takes from a result file which implementations passed their proof: of the same code, on the same machine, with the
 * same ISAs. They are still proved at the size at which they are timed. Complains and returns false if it is not such a
 * file. */
static bool verified_read(struct run *run, const char *file) {
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

/* ---- what this one proves --------------------------------------------------------------------------------------- */

/* Of a budget; what is not proved by then is, one by one, as far as there is time for its rows. */
static const double SHARE_OF_BUDGET = 0.5;
enum { VERIFIED_FIRST = 1 }; /* the rank up to which */

static bool is_waiting(const struct row *row, const gm_impl *impl, bool whole) {
  return row->impl == impl && row->selected && row->status == ROW_PLANNED && !row->verified &&
         (whole || row->rank <= VERIFIED_FIRST);
}

static bool has_row(const struct plan *plan, const gm_impl *impl) {
  const bool whole = plan->budget_seconds <= 0;
  for (size_t i = 0; i < plan->count; i++)
    if (is_waiting(&plan->row[i], impl, whole)) return true;
  return false;
}

static void record(struct plan *plan, const gm_impl *impl, const struct verdict *verdict) {
  for (size_t i = 0; i < plan->count; i++) {
    struct row *row = &plan->row[i];
    if (row->impl != impl || row->status != ROW_PLANNED) continue;
    row->verified = verdict->passed;
    if (verdict->impossible) snprintf(row->why_not, sizeof row->why_not, "%.119s", verdict->failure);
    row->max_ulp = verdict->passed ? fmax(verdict->max_ulp, verdict->result_ulp) : NAN;
    if (!verdict->passed) row->status = verdict->impossible ? ROW_SKIPPED : ROW_FAILED;
  }
}

bool prove_one(struct run *run, const gm_impl *impl) {
  const struct verdict verdict = verifier_prove(run->verifier, impl);
  record(&run->plan, impl, &verdict);
  if (verdict.passed) return true;
  run->failed += !verdict.impossible;
  fprintf(stderr, "%s%s %s and is not timed: %s\n", progress_clear(), impl->name,
          verdict.impossible ? "cannot be proved here" : "FAILED its proof", verdict.failure);
  return false;
}

static bool is_late(const struct run *run) {
  const double budget = run->plan.budget_seconds;
  return budget > 0 && clock_seconds() - run->began > SHARE_OF_BUDGET * budget;
}

bool prove_all(struct run *run) {
  struct progress progress;
  size_t count = 0, done = 0, proved = 0;
  run->verifier = verifier_open(run->options.seed);
  if (!run->verifier) return cli_fail("no memory for the proof's arrays"), false;
  verifier_know(run->verifier, run->library);
  if (run->options.verified && !verified_read(run, run->options.verified)) return false;
  for (size_t i = 0; i < run->selection.count; i++) count += has_row(&run->plan, run->selection.impl[i]);
  progress_begin(&progress, "verified", count);
  for (size_t i = 0; i < run->selection.count && !interrupt_came() && !is_late(run); i++) {
    const gm_impl *impl = run->selection.impl[i];
    if (!has_row(&run->plan, impl)) continue;
    progress_show(&progress, done, (double)done / (double)count, impl->name);
    done++;
    proved += prove_one(run, impl);
  }
  progress.total = proved;
  progress_end(&progress, "verified");
  return true;
}
