#include "train/outcome.h"

#include <string.h>

bool reproducibility_kind(const struct outcome *a, const struct outcome *b) {
  return strcmp(a->part, b->part) == 0 && strcmp(a->spec.optimizer, b->spec.optimizer) == 0;
}

const struct outcome *reproducibility_reference(const struct outcome *outcomes, size_t count,
                                                const struct outcome *first) {
  for (size_t i = 0; i < count; i++)
    if (reproducibility_kind(&outcomes[i], first) && outcomes[i].fused && !outcomes[i].fast) return &outcomes[i];
  return first;
}

const char *reproducibility_excuse(const struct outcome *o, const struct outcome *reference) {
  if (o->record.status != reference->record.status || o->record.step != reference->record.step)
    return "it did not take the same steps";
  if (o->fast) return "its divisions are estimates, improved by one step, whose last bits differ";
  if (o->fused != reference->fused)
    return "it has no fused multiply-add here: each product is rounded before it is added";
  return NULL;
}

bool reproducibility_begins(const struct outcome *outcomes, size_t count, size_t index) {
  size_t others = 0;
  for (size_t i = 0; i < count; i++) {
    const bool other = i != index && reproducibility_kind(&outcomes[i], &outcomes[index]);
    if (other && i < index) return false;
    others += other;
  }
  return others > 0;
}

const struct outcome *reproducibility_fault(const struct outcome *outcomes, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const struct outcome *reference = reproducibility_reference(outcomes, count, &outcomes[i]);
    if (outcomes[i].hash != reference->hash && !reproducibility_excuse(&outcomes[i], reference)) return &outcomes[i];
  }
  return NULL;
}
