#include "machine/limits_isa.h"

#include <string.h>

enum { PREFERENCE_OF_AUTOVEC_FEATURES = 20 };

const char *limits_isa_of(const gm_library *library, const gm_impl *impl) {
  const bool autovec = strcmp(impl->impl, "autovec") == 0;
  if (!impl->plugin && !autovec) return impl->impl;
  const gm_isa *best = NULL;
  for (size_t i = 0; i < gm_isa_count(library); i++) {
    const gm_isa *isa = gm_isa_at(library, i);
    if (!isa->compiled || !isa->supported || isa->fast || strcmp(isa->name, "autovec") == 0) continue;
    if (autovec && isa->preference > PREFERENCE_OF_AUTOVEC_FEATURES) continue;
    if (!best || isa->preference > best->preference) best = isa;
  }
  return best ? best->name : "scalar";
}
