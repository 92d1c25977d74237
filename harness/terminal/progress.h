/* How far a run is, on stderr: one line that is rewritten on a terminal, and a line now and then elsewhere. */
#ifndef GRADMARK_PROGRESS_H
#define GRADMARK_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

struct progress {
  const char *what; /* "verified" */
  size_t total;
  double started, last_shown;
  bool terminal;
};

/* What a complaint on stderr begins with: it takes the line of a terminal that shows how far the run is. */
const char *progress_clear(void);

void progress_begin(struct progress *progress, const char *what, size_t total);
/* At item `done` (counting from 0), named `name`; `share` of all the work, 0 .. 1, is behind. */
void progress_show(struct progress *progress, size_t done, double share, const char *name);
/* "rounds: 8 in 55.1 s" */
void progress_end(struct progress *progress, const char *whats);

#endif
