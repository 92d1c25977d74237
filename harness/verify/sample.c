#include "verify/sample.h"

#include <stdlib.h>

enum { BLOCK_BORDERS = 512 }; /* of more blocks every so many-th */

static int ascending(const void *a, const void *b) {
  const size_t x = *(const size_t *)a, y = *(const size_t *)b;
  return (x > y) - (x < y);
}

bool sample_add(struct sample *sample, size_t begin, size_t end) {
  while (begin < end && sample->count + (end - begin) > sample->capacity) {
    const size_t capacity = 2 * sample->capacity + (end - begin);
    size_t *more = realloc(sample->index, capacity * sizeof *more);
    if (!more) return false;
    sample->index = more, sample->capacity = capacity;
  }
  for (; begin < end; begin++) sample->index[sample->count++] = begin;
  return true;
}

static bool add_around(struct sample *sample, size_t total, size_t place, size_t around) {
  const size_t begin = place > around ? place - around : 0, end = place + around < total ? place + around : total;
  return place >= total || sample_add(sample, begin, end);
}

static void sort_once_each(struct sample *sample) {
  size_t kept = 0;
  qsort(sample->index, sample->count, sizeof *sample->index, ascending);
  for (size_t i = 0; i < sample->count; i++)
    if (!kept || sample->index[kept - 1] != sample->index[i]) sample->index[kept++] = sample->index[i];
  sample->count = kept;
}

bool sample_take(struct sample *sample, size_t total, const struct sample_config *config, size_t block,
                 const struct sample *border, struct random *random) {
  *sample = (struct sample){0};
  if (total <= config->all || total <= 2 * config->ends) return sample_add(sample, 0, total);
  bool done = sample_add(sample, 0, config->ends) && sample_add(sample, total - config->ends, total);
  for (size_t i = 0; done && i < border->count; i++) done = add_around(sample, total, border->index[i], config->around);
  if (block) {
    const size_t apart = (total / block / BLOCK_BORDERS + 1) * block;
    for (size_t at = apart; done && at < total; at += apart) done = add_around(sample, total, at, 1);
  }
  for (size_t i = 0; done && i < config->some; i++) {
    const size_t any = random_below(random, total);
    done = sample_add(sample, any, any + 1);
  }
  if (done) sort_once_each(sample);
  return done;
}

void sample_free(struct sample *sample) {
  free(sample->index);
  *sample = (struct sample){0};
}
