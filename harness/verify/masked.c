#include "verify/masked.h"

#include <stdio.h>
#include <string.h>

#include "machine/hypervisor.h"
#include "memory/guarded.h"
#include "verify/trap.h"

/* NULL where the build has not got it. */
extern masked_copy *const gm_masked_copy_avx2 __attribute__((weak));

struct copy {
  const float *from;
  float *to;
};

static void copy(void *opaque) {
  const struct copy *one = opaque;
  gm_masked_copy_avx2(one->from, one->to);
}

/* At the ends of two stretches, behind which lies an inaccessible page. Without memory nothing is known against it. */
static bool faults(void) {
  struct guarded from, to;
  bool faulted = false;
  if (!guarded_open_plain(&from, sizeof(float))) return false;
  if (guarded_open_plain(&to, sizeof(float))) {
    struct copy one = {(const float *)(from.begin + from.bytes) - 1, (float *)(to.begin + to.bytes) - 1};
    faulted = trap_probe(copy, &one) != 0;
    guarded_close(&to);
  }
  guarded_close(&from);
  return faulted;
}

static const char *description(void) {
  static char sentence[200];
  char signature[HYPERVISOR_SIGNATURE];
  hypervisor_sign(signature);
  const char *known = hypervisor_signed_by(signature);
  snprintf(sentence, sizeof sentence, "this processor%s%s%s accesses more than instructions of AVX2 ask for",
           signature[0] ? ", or what emulates it (" : "", known[0] ? known : signature, signature[0] ? ")," : "");
  return sentence;
}

const char *masked_why_not(const gm_impl *impl) {
  static enum { UNKNOWN, FINE, FAULTS } found; /* tried once */
  const bool rests_on_it = strncmp(impl->impl, "avx2", 4) == 0 || strcmp(impl->impl, "autovec") == 0;
  if (impl->plugin || !&gm_masked_copy_avx2 || !rests_on_it) return NULL;
  if (found == UNKNOWN) found = faults() ? FAULTS : FINE;
  return found == FAULTS ? description() : NULL;
}
