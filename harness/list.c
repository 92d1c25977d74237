/* gradmark list: every implementation; or, of vector kernels, what they ask for and what became of it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "machine/executed.h"
#include "machine/operations.h"
#include "reference_shape.h"
#include "select.h"
#ifdef GRADMARK_FULL
#include <jansson.h>

/* Prints an array of objects on standard output, and frees it. Returns an exit code. */
static int print_array(json_t *array) {
  char *text = json_dumps(array, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
  json_decref(array);
  if (!text) return cli_fail("no memory for the list");
  puts(text);
  free(text);
  return EXIT_FINE;
}
#endif

/* ---- implementations -------------------------------------------------------------------------------------------- */

static const char *shape_description(gm_shape shape) {
  switch (shape) {
    case GM_ELEMENTWISE: return "elementwise";
    case GM_REDUCTION: return "reduction";
    case GM_ROWWISE: return "row-wise";
    case GM_MATRIX: return "matrix";
    case GM_LIST: return "list of tensors";
  }
  return "";
}

static void print_implementations(const gm_library *library) {
  const gm_op *op = NULL;
  for (size_t i = 0; i < gm_impl_count(library); i++) {
    const gm_impl *impl = gm_impl_at(library, i);
    if (impl->op != op) {
      op = impl->op;
      printf("%s%s/%s  %s, %.4g bytes and %.4g flops per element\n", i ? "\n" : "", op->name, op->dtype,
             shape_description(op->shape), reference_bytes_per_element(op), operations_flops(op));
    }
    printf("  %c %-34s %s\n", impl->runnable ? '*' : '-', impl->name, impl->runnable ? impl->requires : impl->why_not);
  }
  puts("\n* runs here   - does not, and why. Bytes: moved to and from a level beyond L1, at the shape that is timed.");
}

#ifdef GRADMARK_FULL
static int print_implementations_json(const gm_library *library) {
  json_t *array = json_array();
  for (size_t i = 0; i < gm_impl_count(library); i++) {
    const gm_impl *impl = gm_impl_at(library, i);
    json_array_append_new(
        array,
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:s?, s:f, s:f, s:s}", "name", impl->name, "op", impl->op->name,
                  "dtype", impl->op->dtype, "impl", impl->impl, "requires", impl->requires, "runnable", impl->runnable,
                  "why_not", impl->why_not, "bytes_per_element", reference_bytes_per_element(impl->op),
                  "flops_per_element", operations_flops(impl->op), "shape", shape_description(impl->op->shape)));
  }
  return print_array(array);
}
#endif

/* ---- instructions ----------------------------------------------------------------------------------------------- */

/* All per vector. */
struct line {
  const gm_impl *impl; /* NULL: is none of these */
  struct operations operations;
  double counted, found; /* NAN where the processor is not stepped through */
};

static double per_element(const struct line *line) {
  return (isnan(line->found) ? line->counted : line->found) / line->operations.width;
}

/* False of what is not counted: single floats, which the compiler may make vectors of, and lists, for which their op
 * stands. */
static bool examine(const gm_impl *impl, struct line *line) {
  if (impl->op->of || impl->plugin || !operations_of(impl->op, impl->impl, &line->operations)) return false;
  if (line->operations.width == 1) return false;
  line->impl = impl;
  line->counted = operations_total(&line->operations);
  line->found = NAN;
  struct executed executed;
  if (executed_open(&executed, impl->op, impl->body, line->operations.width)) {
    line->found = executed_total(&executed, line->operations.count[OPERATION_LOAD]);
    executed_close(&executed);
  }
  return true;
}

/* Of the op's lines, which begin at `lines`, the one with the fewest instructions per element. */
static const struct line *best_of(const struct line *lines, const struct line *end) {
  const struct line *best = lines;
  for (const struct line *line = lines; line < end && line->impl->op == lines->impl->op; line++)
    if (per_element(line) < per_element(best)) best = line;
  return best;
}

static const char *const kind_names[OPERATION_KINDS] = {
    [OPERATION_FMA] = "fma",     [OPERATION_ARITHMETIC] = "arith", [OPERATION_DIVIDE] = "div",
    [OPERATION_SQRT] = "sqrt",   [OPERATION_OTHER] = "other",      [OPERATION_LOAD] = "load",
    [OPERATION_STORE] = "store",
};

static void print_line(const struct line *line, const struct line *best) {
  printf("%-36s", line->impl->name);
  for (int kind = 0; kind < OPERATION_KINDS; kind++) printf(" %6.4g", line->operations.count[kind]);
  printf("  %8.2f", line->counted);
  if (isnan(line->found))
    printf(" %8s %7s", "-", "-");
  else
    printf(" %8.2f %+7.2f", line->found, line->found - line->counted);
  printf("  %8.3f %6.2f %s\n", per_element(line), per_element(line) / per_element(best), best->impl->impl);
}

static void print_instructions(const struct line *lines, size_t count) {
  printf("%-36s", "per vector");
  for (int kind = 0; kind < OPERATION_KINDS; kind++) printf(" %6s", kind_names[kind]);
  printf("  %8s %8s %7s  %8s %6s\n", "counted", "found", "more", "/element", "x best");
  const struct line *best = NULL;
  for (const struct line *line = lines; line < lines + count; line++) {
    const bool first = line == lines || line->impl->op != line[-1].impl->op;
    if (first) best = best_of(line, lines + count);
    if (first && line > lines) puts("");
    print_line(line, best);
  }
  puts(
      "\ncounted: what the op's source asks for, in the way of the ISA, per vector of elements.  found: what is "
      "executed here,\n"
      "by stepping through it; an instruction that also loads from an array, stores or chooses is two.  more: the\n"
      "compiler's: loop control, copies, spills.  x best: instructions per element beside the op's best ISA.");
  if (count && isnan(lines[0].found)) puts("Not counted here: this processor or system cannot be stepped through.");
}

#ifdef GRADMARK_FULL

static int print_instructions_json(const struct line *lines, size_t count) {
  json_t *array = json_array();
  const struct line *best = NULL;
  for (const struct line *line = lines; line < lines + count; line++) {
    if (line == lines || line->impl->op != line[-1].impl->op) best = best_of(line, lines + count);
    json_t *operations = json_object();
    for (int kind = 0; kind < OPERATION_KINDS; kind++)
      json_object_set_new(operations, kind_names[kind], json_real(line->operations.count[kind]));
    json_array_append_new(
        array, json_pack("{s:s, s:s, s:s, s:i, s:o, s:f, s:o, s:f, s:s, s:f}", "name", line->impl->name, "op",
                         line->impl->op->name, "impl", line->impl->impl, "width", line->operations.width, "operations",
                         operations, "counted", line->counted, "found",
                         isnan(line->found) ? json_null() : json_real(line->found), "per_element", per_element(line),
                         "best", best->impl->impl, "best_per_element", per_element(best)));
  }
  return print_array(array);
}
#endif

/* Of the vector implementations that run here and match `filter` (NULL: all). Returns an exit code. */
static int list_instructions(const gm_library *library, const char *filter, bool json) {
  struct selection selection;
  if (!select_impls(library, filter, NULL, true, &selection)) return EXIT_USAGE;
  struct line *lines = calloc(selection.count, sizeof *lines);
  if (!lines) {
    select_free(&selection);
    return cli_fail("no memory for the list");
  }
  size_t count = 0;
  for (size_t i = 0; i < selection.count; i++) count += examine(selection.impl[i], &lines[count]);
  int status = EXIT_FINE;
#ifdef GRADMARK_FULL
  if (json) status = print_instructions_json(lines, count);
#endif
  if (!json) print_instructions(lines, count);
  free(lines);
  select_free(&selection);
  return status;
}

int command_list(int argc, char **argv) {
  bool json = false, instructions = false;
  const char *filter = NULL;
  const struct cli_option options[] = {
      {"instructions", NULL, "what each vector implementation asks for, and what the compiler made of it", NULL,
       &instructions},
      {"filter", "RE", "with --instructions: only implementations whose name matches", &filter, NULL},
#ifdef GRADMARK_FULL
      {"json", NULL, "an array of objects instead of the table", NULL, &json},
#endif
      {0},
  };
  switch (cli_parse(&argc, argv, "gradmark list [--instructions [--filter RE]] [--json]",
                    "Every implementation, and whether it runs here.", options, NULL)) {
    case CLI_HELP_SHOWN: return EXIT_FINE;
    case CLI_WRONG: return EXIT_USAGE;
    case CLI_GO_ON: break;
  }
  if (filter && !instructions) return cli_fail("--filter goes with --instructions");
  gm_library *library = cli_open_library();
  if (!library) return EXIT_USAGE;
  int status = EXIT_FINE;
  if (instructions) status = list_instructions(library, filter, json);
#ifdef GRADMARK_FULL
  else if (json)
    status = print_implementations_json(library);
#endif
  else
    print_implementations(library);
  gm_close(library);
  return status;
}
