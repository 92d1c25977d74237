/* Where the threads of a team run, by what they feel of each other. A hypervisor moves virtual processors between two
 * cores, two threads of one core, and caches that share nothing, within seconds: neither the topology nor the stolen
 * time shows it, and what runs on several threads takes up to twice as long. So it is measured. */
#ifndef GRADMARK_PLACEMENT_H
#define GRADMARK_PLACEMENT_H

#include <jansson.h>
#include <stddef.h>

#include "environment.h"
#include "topology.h"

/* What the threads of a team felt of each other. NaN: not known. */
struct placement_probe {
  double effective_cores; /* what all do in registers, over what one does alone */
  double line_ns;         /* one hand-over of a cache line between the first and the last thread */
};

/* Of `threads` >= 2 OpenMP threads that the caller has bound. What all do counts by the time until the last is done, so
 * that two threads on one core of four processors make it 2; what one does alone, by the slowest of a few of them, so
 * that a neighbour who slows one of them down does not look like a core that two share. Takes 2 to 5 ms, and longer
 * where processors stand still. */
struct placement_probe placement_probe(int threads);

enum { PLACEMENT_STATE = 24 };

/* "2 cores", "1 core", "2 cores, far" (a hand-over of 90 ns and more: no cache beneath both); "" where not known. */
void placement_state(const struct placement_probe *probe, int threads, char state[PLACEMENT_STATE]);

/* All probes of a run, in the order in which they were taken. All zero is an empty one. */
struct placement_log {
  struct placement_taken {
    struct placement_probe probe;
    double at; /* clock_seconds */
    int threads;
  } * taken;
  size_t count, capacity;
  struct placement_pair {
    struct placement_probe probe;
    unsigned first, second; /* the system's numbers */
  } * pair;
  size_t pairs;
};

/* Without memory the probe is forgotten: nothing rests on one alone. */
void placement_log_add(struct placement_log *log, int threads, const struct placement_probe *probe);
void placement_log_free(struct placement_log *log);

/* What the probes of one number of threads say. */
enum { PLACEMENT_FOUND = 32 };
struct placement_summary {
  int threads;
  size_t probes, known, moves; /* known: have a state; moves: had another than the known one before */
  double seconds;              /* from the first to the last */
  size_t states;
  struct placement_found { /* the most frequent first; medians */
    char state[PLACEMENT_STATE];
    double effective_cores, line_ns;
    size_t probes;
  } found[PLACEMENT_FOUND];
};
void placement_summarize(const struct placement_log *log, int threads, struct placement_summary *summary);

/* The most threads that were probed; 0: nothing was. */
int placement_most_threads(const struct placement_log *log);

/* As the result file has it (schema: reports/gradmark_report/result.schema.json, $defs/placement). A new reference,
 * NULL without memory. */
json_t *placement_describe(const struct placement_log *log, const struct machine *machine);

/* Fills the log's pairs: two processors at a time for at most `seconds`, where there are more than two; leaves the
 * binding of two threads as the caller had it. A runtime may end the others of a larger team meanwhile, as with every
 * smaller team: whoever goes on with more threads binds them again. */
void placement_measure_pairs(struct placement_log *log, const struct machine *machine, double seconds);

/* For people, without a full stop at the end; "" where nothing is known.
 * Of one state: "2 processors, one core: together 1.02 times as fast as one; a cache line is handed over in 28 ns". */
void placement_words(const struct placement_found *found, int threads, char *text, size_t size);
/* "moved twice in 2 s", "did not move in 2 s" */
void placement_moves(const struct placement_summary *summary, char *text, size_t size);
/* Of most threads, all that was seen: the most frequent state, how often there was another, and how often they moved.
 */
void placement_sentence(const struct placement_log *log, char *text, size_t size);

/* Sets the environment's item `placement` to what the log says of most threads, with a warning where they moved or were
 * fewer cores than threads. */
void placement_observe(const struct placement_log *log, const struct machine *machine, struct environment *environment);

/* How many threads OpenMP really gives a team that asks for `threads` (OMP_THREAD_LIMIT, OMP_DYNAMIC, ...). */
int placement_team(int threads);

#endif
