/* Which of very many elements, rows or columns are looked at. */
#ifndef GRADMARK_SAMPLE_H
#define GRADMARK_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>

#include "random.h"

struct sample {
  size_t *index; /* ascending, each once */
  size_t count, capacity;
};

/* How much of what: `ends` of them at both ends, and around each place where something else may begin; `some` anywhere.
 * All of them where they are no more than `all`. */
struct sample_config {
  size_t all, ends, around, some;
};

/* Of `total`; `border` are places where the part of a thread, or a tensor, begins, and every `block` one does, too,
 * unless that is 0. False without memory. */
bool sample_take(struct sample *sample, size_t total, const struct sample_config *config, size_t block,
                 const struct sample *border, struct random *random);
bool sample_add(struct sample *sample, size_t begin, size_t end);
void sample_free(struct sample *sample);

#endif
