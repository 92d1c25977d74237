/* For ../test_instructions.py: what every build of every core twin of the vector ISAs that run here executes, per
 * element.
 *
 *   NAME BUILD               of the implementation whose core twin it is, and for people
 *    ADDRESS TIMES ...       executed_lines.h
 */
#include <stdio.h>
#include <string.h>

#include "executed_lines.h"
#include "machine/core.h"

static void print_twins(const gm_library *library, size_t index, const char *isa) {
  const gm_op *op = gm_op_at(library, index);
  struct twin_build builds[TWIN_MOST_BUILDS];
  const int count = core_twin_builds(index, isa, builds);
  for (int i = 0; i < count; i++) {
    struct executed executed;
    if (!executed_open(&executed, op, builds[i].body, 1)) continue;
    printf("%s/%s/%s %s\n", op->name, op->dtype, isa, builds[i].description);
    executed_lines(&executed);
    executed_close(&executed);
  }
}

int main(void) {
  gm_library *library = gm_open(NULL, NULL);
  if (!library) return 2;
  for (size_t i = 0; i < gm_isa_count(library); i++) {
    const gm_isa *isa = gm_isa_at(library, i);
    if (!isa->compiled || !isa->supported || strcmp(isa->name, "scalar") == 0) continue;
    for (size_t op = 0; op < gm_op_count(library); op++)
      if (!gm_op_at(library, op)->of) print_twins(library, op, isa->name);
  }
  gm_close(library);
  return 0;
}
