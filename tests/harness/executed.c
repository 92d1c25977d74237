/* For ../test_instructions.py: what each vector implementation that runs here asks for and executes, per vector.
 *
 *   NAME WIDTH FMA ARITHMETIC DIVIDE ROOT OTHER LOAD STORE FOUND OBJECT
 *    ADDRESS TIMES ...      hexadecimal, from where its object was loaded; one line for each instruction
 */
#include <stdio.h>

#include "executed_lines.h"
#include "machine/operations.h"

static void print_impl(const gm_impl *impl) {
  struct operations operations;
  struct executed executed;
  if (!impl->runnable || impl->op->of || !operations_of(impl->op, impl->impl, &operations)) return;
  if (operations.width == 1 || !executed_open(&executed, impl->op, impl->body, operations.width)) return;
  printf("%s %d", impl->name, operations.width);
  for (int kind = 0; kind < OPERATION_KINDS; kind++) printf(" %.9g", operations.count[kind]);
  printf(" %.9g %s\n", executed_total(&executed, operations.count[OPERATION_LOAD]), executed.file);
  executed_lines(&executed);
  executed_close(&executed);
}

int main(void) {
  gm_library *library = gm_open(NULL, NULL);
  if (!library) return 2;
  for (size_t i = 0; i < gm_impl_count(library); i++) print_impl(gm_impl_at(library, i));
  gm_close(library);
  return 0;
}
