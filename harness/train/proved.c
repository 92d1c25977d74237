#include "train/proved.h"

#include <stdlib.h>

#include "cli.h"
#include "machine/clock.h"
#include "train/evaluation.h"
#include "verify/verify.h"

bool proved_open(struct proved *proved, uint64_t seed) {
  *proved = (struct proved){.verifier = verifier_open(seed)};
  if (!proved->verifier) cli_fail("no memory for the proof's arrays");
  return proved->verifier != NULL;
}

void proved_close(struct proved *proved) {
  if (proved->verifier) verifier_close(proved->verifier);
  free(proved->impl);
  *proved = (struct proved){0};
}

static bool knows(const struct proved *proved, const gm_impl *impl) {
  for (size_t i = 0; i < proved->count; i++)
    if (proved->impl[i] == impl) return true;
  return false;
}

static bool prove(struct proved *proved, const gm_impl *impl) {
  if (knows(proved, impl)) return true;
  if (proved->count == proved->capacity) {
    const size_t capacity = proved->capacity ? 2 * proved->capacity : 32;
    const gm_impl **more = realloc(proved->impl, capacity * sizeof *more);
    if (!more) return cli_fail("no memory for the list of proved kernels"), false;
    proved->impl = more, proved->capacity = capacity;
  }
  const struct verdict verdict = verifier_prove(proved->verifier, impl);
  proved->failed = !verdict.passed;
  if (proved->failed)
    return cli_fail("%s failed its proof, so nothing is trained with it: %s", impl->name, verdict.failure), false;
  proved->impl[proved->count++] = impl;
  return true;
}

bool proved_ops(struct proved *proved, const gm_library *library, const char *isa, const char *const *ops) {
  const double start = clock_seconds();
  bool fine = true;
  for (; *ops && fine; ops++) {
    const gm_impl *impl = kernel_choose(library, *ops, isa);
    fine = impl && prove(proved, impl);
  }
  proved->seconds += clock_seconds() - start;
  return fine;
}

bool proved_network(struct proved *proved, const struct network *network) {
  const double start = clock_seconds();
  bool fine = true;
  for (int i = 0; i < network->calls && fine; i++) fine = prove(proved, network->call[i].impl);
  proved->seconds += clock_seconds() - start;
  const char *const looks[] = {evaluation_op(network->model), NULL};
  return fine && proved_ops(proved, network->wish.library, network->wish.isa, looks);
}
