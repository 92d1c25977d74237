#include "terminal/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "machine/clock.h"

static const double SECONDS_BETWEEN_LINES = 10; /* where the line cannot be rewritten */

const char *progress_clear(void) { return isatty(2) ? "\r\033[K" : ""; }

void progress_begin(struct progress *progress, const char *what, size_t total) {
  *progress = (struct progress){.what = what, .total = total, .started = clock_seconds(), .terminal = isatty(2)};
}

void progress_show(struct progress *progress, size_t done, double share, const char *name) {
  const double now = clock_seconds(), spent = now - progress->started;
  if (now - progress->last_shown < (progress->terminal ? 0.1 : SECONDS_BETWEEN_LINES)) return;
  progress->last_shown = now;
  char left[48] = "";
  if (share > 0 && spent > 0.5) snprintf(left, sizeof left, ", %.0f s left", spent / share * (1 - share));
  fprintf(stderr, progress->terminal ? "\r\033[K%s %zu of %zu%s: %s" : "%s %zu of %zu%s: %s\n", progress->what,
          done + 1, progress->total, left, name);
}

void progress_end(struct progress *progress, const char *whats) {
  if (progress->terminal) fputs("\r\033[K", stderr);
  fprintf(stderr, "%s: %zu in %.1f s\n", whats, progress->total, clock_seconds() - progress->started);
}
