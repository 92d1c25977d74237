/* What may disturb a measurement on this machine: every item is observed once and is then fine, warned about with its
 * cause and cure, or not visible. What cannot be seen is never called fine. */
#ifndef GRADMARK_ENVIRONMENT_H
#define GRADMARK_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "topology.h"

enum {
  ENVIRONMENT_ITEMS = 21,
  ENVIRONMENT_MAX_WARNINGS = 48,
  ENVIRONMENT_MAX_VULNERABILITIES = 40,
  ENVIRONMENT_ID = 32,
  ENVIRONMENT_VALUE = 128,
  ENVIRONMENT_SENTENCE = 240,
};

/* Where environment_observe looks. `root` stands before every path under /proc and /sys; `variables` are "NAME=value",
 * ended by NULL; NULL stands for this process's own. */
struct environment_source {
  const char *root;
  const char *const *variables;
};

/* The variable for which the OpenMP runtime has bound the first thread before main(), so that the machine seems to have
 * fewer processors than it has; NULL if there is none, or nothing is missing. */
const char *environment_openmp_binding(const struct environment_source *source, const struct machine *machine);

enum environment_state { ENVIRONMENT_FINE, ENVIRONMENT_WARNED, ENVIRONMENT_NOT_VISIBLE };

/* One observation. `value` is for people; `number` is the same for programs, NaN where a number says nothing. Of an
 * item that is not visible, `value` says what is missing. */
struct environment_item {
  const char *id;    /* governor */
  const char *label; /* frequency governor */
  const char *unit;  /* of `number`: "percent", "bytes", "count", "cpus"; NULL without one */
  enum environment_state state;
  char value[ENVIRONMENT_VALUE];
  double number;
};

/* Whole sentences without a full stop at the end; `id` is the item's, or another that the caller chose. */
struct environment_warning {
  char id[ENVIRONMENT_ID];
  char what[ENVIRONMENT_SENTENCE], cause[ENVIRONMENT_SENTENCE], cure[ENVIRONMENT_SENTENCE];
};

/* One line of /sys/devices/system/cpu/vulnerabilities. */
struct environment_vulnerability {
  char name[ENVIRONMENT_ID];
  char state[ENVIRONMENT_VALUE];
};

struct environment {
  struct environment_item item[ENVIRONMENT_ITEMS]; /* always all of them, in the order in which they are shown */
  struct environment_warning warning[ENVIRONMENT_MAX_WARNINGS];
  size_t warnings;
  struct environment_vulnerability vulnerability[ENVIRONMENT_MAX_VULNERABILITIES];
  size_t vulnerabilities;

  /* What callers decide by. */
  bool emulated;               /* under an emulator (qemu, valgrind): no time may be reported */
  char emulator[MACHINE_TEXT]; /* its name; "" if none */
};

/* Observes everything; takes about 50 ms, because other runnable threads are counted several times. */
void environment_observe(struct environment *environment, const struct environment_source *source,
                         const struct machine *machine);

/* The item with this id, NULL if there is none. */
const struct environment_item *environment_find(const struct environment *environment, const char *id);

/* Says of an item what was found later, during a run; `unit` stays what it is. */
void environment_set(struct environment *environment, const char *id, enum environment_state state, double number,
                     const char *value);

/* Adds a warning that was found later, during a run. A second one with the same id replaces the first. False if the
 * list is full. */
bool environment_warn(struct environment *environment, const char *id, const char *what, const char *cause,
                      const char *cure);

/* Processor time of the whole machine since it started, in ticks: read it before and after a measurement, and
 * environment_steal_percent says what share the hypervisor gave to others in between (0 where nothing passed). */
struct environment_ticks {
  uint64_t steal, total;
};
bool environment_ticks_read(const struct environment_source *source, struct environment_ticks *ticks);
double environment_steal_percent(const struct environment_ticks *before, const struct environment_ticks *after);

const char *environment_state_name(enum environment_state state); /* "fine", "warned", "not visible" */

#endif
