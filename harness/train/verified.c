#include "train/verified.h"

#include <stdlib.h>

#include "cli.h"
#include "machine/clock.h"
#include "train/evaluation.h"
#include "verify/verify.h"

bool verified_open(struct verified *verified, uint64_t seed) {
  *verified = (struct verified){.verifier = verifier_open(seed)};
  if (!verified->verifier) cli_fail("no memory for the proof's arrays");
  return verified->verifier != NULL;
}

void verified_close(struct verified *verified) {
  if (verified->verifier) verifier_close(verified->verifier);
  free(verified->impl);
  *verified = (struct verified){0};
}

static bool knows(const struct verified *verified, const gm_impl *impl) {
  for (size_t i = 0; i < verified->count; i++)
    if (verified->impl[i] == impl) return true;
  return false;
}

static bool prove(struct verified *verified, const gm_impl *impl) {
  if (knows(verified, impl)) return true;
  if (verified->count == verified->capacity) {
    const size_t capacity = verified->capacity ? 2 * verified->capacity : 32;
    const gm_impl **more = realloc(verified->impl, capacity * sizeof *more);
    if (!more) return cli_fail("no memory for the list of proved kernels"), false;
    verified->impl = more, verified->capacity = capacity;
  }
  const struct verdict verdict = verifier_prove(verified->verifier, impl);
  verified->failed = !verdict.passed;
  if (verified->failed)
    return cli_fail("%s failed its proof, so nothing is trained with it: %s", impl->name, verdict.failure), false;
  verified->impl[verified->count++] = impl;
  return true;
}

bool verified_ops(struct verified *verified, const gm_library *library, const char *isa, const char *const *ops) {
  const double start = clock_seconds();
  bool fine = true;
  for (; *ops && fine; ops++) {
    const gm_impl *impl = kernel_choose(library, *ops, isa);
    fine = impl && prove(verified, impl);
  }
  verified->seconds += clock_seconds() - start;
  return fine;
}

bool verified_network(struct verified *verified, const struct network *network) {
  const double start = clock_seconds();
  bool fine = true;
  for (int i = 0; i < network->calls && fine; i++) fine = prove(verified, network->call[i].impl);
  verified->seconds += clock_seconds() - start;
  const char *const evaluation[] = {evaluation_op(network->model), NULL};
  return fine && verified_ops(verified, network->config.library, network->config.isa, evaluation);
}
