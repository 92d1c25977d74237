/* gradmark verify: proves implementations and prints how exact each is. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "select.h"
#include "team.h"
#include "verify/trap.h"
#include "verify/verify.h"
#ifdef GRADMARK_FULL
#include <jansson.h>

#include "results/whole_file.h"
#endif

static void print_ulp(double ulp, bool known) {
  if (known)
    printf("  %8.2f", ulp);
  else
    printf("  %8s", "-");
}

static bool has_arrays(const gm_op *op) {
  for (int k = 0; k < op->streams; k++)
    if (op->stream[k].role == GM_UPDATE || op->stream[k].role == GM_WRITE) return true;
  return false;
}

static void print_verdict(const gm_impl *impl, const struct verdict *verdict) {
  printf("%-34s %-6s", impl->name, verdict->passed ? "passed" : "FAILED");
  print_ulp(verdict->max_ulp, verdict->passed && has_arrays(impl->op));
  print_ulp(verdict->result_ulp, verdict->passed && gm_has_result(impl->op));
  printf("  %6ld  %08x\n", verdict->cases, (unsigned)(verdict->bits ^ verdict->bits >> 32));
  if (!verdict->passed) printf("    %s\n", verdict->failure);
  fflush(stdout);
}

#ifdef GRADMARK_FULL
static json_t *describe(const gm_impl *impl, const struct verdict *verdict) {
  char bits[20];
  snprintf(bits, sizeof bits, "%016llx", (unsigned long long)verdict->bits);
  json_t *max_ulp = verdict->passed && has_arrays(impl->op) ? json_real(verdict->max_ulp) : json_null();
  json_t *result_ulp = verdict->passed && gm_has_result(impl->op) ? json_real(verdict->result_ulp) : json_null();
  return json_pack("{s:s, s:b, s:o, s:o, s:I, s:s, s:s?}", "name", impl->name, "passed", verdict->passed, "max_ulp",
                   max_ulp, "result_ulp", result_ulp, "cases", (json_int_t)verdict->cases, "bits", bits, "failure",
                   verdict->passed ? NULL : verdict->failure);
}

static bool write_json(struct whole_file *file, uint64_t seed, json_t *implementations) {
  char number[24];
  snprintf(number, sizeof number, "%llu", (unsigned long long)seed);
  json_t *root = json_pack("{s:s, s:s, s:o, s:s}", "schema", "gradmark.verify/1", "version", gm_version(),
                           "implementations", implementations, "seed", number);
  char *text = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
  json_decref(root);
  const bool written = text && whole_file_finish(file, text, strlen(text));
  free(text);
  return written;
}
#endif

int command_verify(int argc, char **argv) {
  const char *filter = NULL, *isa = NULL, *seed_text = NULL, *json = NULL, *plugins = NULL;
  const struct cli_option options[] = {
      {"filter", "RE", "only implementations whose name (op/dtype/impl) matches", &filter, NULL},
      {"isa", "LIST", "only these ISAs, separated by commas", &isa, NULL},
      {"seed", "N", "seed of the random data (default: from the clock, printed)", &seed_text, NULL},
      {"plugin", "FILE", "also the implementations of this shared object", &plugins, NULL},
#ifdef GRADMARK_FULL
      {"json", "FILE", "also write the verdicts to a new file", &json, NULL},
#endif
      {0},
  };
  switch (cli_parse(&argc, argv, "gradmark verify [OPTION...]",
                    "Proves every implementation that can run here against the double-precision oracle:\n"
                    "all small lengths and offsets, at inaccessible pages, on special values, over several steps,\n"
                    "on several threads, a few sizes in the millions; the fused ISAs must give identical bits.\n"
                    "Exit 0 if all pass, 1 if not, or if a plug-in ends the process; 2 if none can be proved here.",
                    options, NULL)) {
    case CLI_HELP_SHOWN: return EXIT_FINE;
    case CLI_WRONG: return EXIT_USAGE;
    case CLI_GO_ON: break;
  }
  uint64_t seed;
  if (!cli_seed(seed_text, &seed)) return EXIT_USAGE;
  gm_library *library = cli_open_library();
  if (!library) return EXIT_USAGE;
  struct selection selection;
  int status = select_plugins(library, plugins);
  if (status != EXIT_FINE || !select_impls(library, filter, isa, true, &selection)) {
    gm_close(library);
    return status != EXIT_FINE ? status : EXIT_USAGE;
  }
  status = EXIT_USAGE;
  struct verifier *verifier = NULL;
#ifdef GRADMARK_FULL
  struct whole_file file = {.descriptor = -1};
  json_t *described = json_array();
  if (json && !whole_file_open(&file, json)) goto done;
#endif
  const char *no_team = team_why_not(VERIFY_MOST_THREADS);
  if (no_team) {
    cli_fail("%s", no_team);
    goto done;
  }
  verifier = verifier_open(seed);
  if (!verifier) {
    cli_fail("no memory for the proof's arrays");
    goto done;
  }
  verifier_know(verifier, library);
  printf("seed %llu\n\n%-34s %-6s  %8s  %8s  %6s  %s\n", (unsigned long long)seed, "implementation", "", "max ulp",
         "result", "cases", "bits");
  size_t passed = 0, impossible = 0;
  const char *why_not = "";
  for (size_t i = 0; i < selection.count; i++) {
    const struct verdict verdict = verifier_prove(verifier, selection.impl[i]);
    if (verdict.impossible) {
      impossible++;
      why_not = masked_why_not(selection.impl[i]);
      continue;
    }
    passed += verdict.passed;
    print_verdict(selection.impl[i], &verdict);
#ifdef GRADMARK_FULL
    json_array_append_new(described, describe(selection.impl[i], &verdict));
#endif
  }
  const size_t failed = selection.count - passed - impossible;
  status = failed ? EXIT_FAILED : passed ? EXIT_FINE : EXIT_USAGE;
#ifdef GRADMARK_FULL
  if (json && !write_json(&file, seed, json_incref(described))) status = EXIT_USAGE;
#endif
  printf("\nmax ulp: largest error of the arrays; result: of the loss or sum; bits: equal for all fused ISAs\n");
  fflush(stdout);
  if (impossible)
    cli_fail("%s: %zu implementation%s that rest%s on it cannot be proved here", why_not, impossible,
             impossible == 1 ? "" : "s", impossible == 1 ? "s" : "");
  printf("%zu passed, %zu failed", passed, failed);
  if (impossible) printf(", %zu not proved", impossible);
  puts("");
done:
#ifdef GRADMARK_FULL
  whole_file_abandon(&file); /* nothing to do for one that is finished */
  json_decref(described);
#endif
  (void)json;
  verifier_close(verifier);
  select_free(&selection);
  gm_close(library);
  return status;
}
