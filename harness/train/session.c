#include "train/session.h"

#include <stdlib.h>
#include <string.h>

#include "cli.h"

struct outcome *session_outcome(struct session *s) {
  if (s->outcomes == s->capacity) {
    const size_t capacity = s->capacity ? 2 * s->capacity : 8;
    struct outcome *more = realloc(s->outcome, capacity * sizeof *more);
    if (!more) return cli_fail("no memory for what was found"), NULL;
    s->outcome = more, s->capacity = capacity;
  }
  memset(&s->outcome[s->outcomes], 0, sizeof *s->outcome);
  return &s->outcome[s->outcomes++];
}
