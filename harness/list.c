/* gradmark list: every implementation. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "list_instructions.h"
#include "machine/operations.h"
#include "reference_shape.h"
#ifdef GRADMARK_FULL
#include <jansson.h>
#endif

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

static void print_table(const gm_library *library) {
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
static int print_json(const gm_library *library) {
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
  return list_print_json(array);
}
#endif

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
  if (instructions) {
    status = list_instructions(library, filter, json);
    gm_close(library);
    return status;
  }
#ifdef GRADMARK_FULL
  if (json) status = print_json(library);
#endif
  if (!json) print_table(library);
  gm_close(library);
  return status;
}
