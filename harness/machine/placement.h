/* Where the threads of a team run, judged by how they slow each other down. Within seconds a hypervisor moves virtual
 * processors between two cores and two threads of one core, or to cores without a common cache. Neither the topology
 * nor the stolen time shows it, and what runs on several threads may take twice as long. So it is measured. */
#ifndef GRADMARK_PLACEMENT_H
#define GRADMARK_PLACEMENT_H

#include <jansson.h>
#include <stddef.h>

#include "environment.h"
#include "topology.h"

/* One measurement of a team. NaN: not known. */
struct placement_probe {
  double effective_cores; /* throughput of all threads together, in registers, over that of one alone */
  double line_ns;         /* latency of passing a cache line between the first and the last thread */
};

/* Measures `threads` >= 2 OpenMP threads that the caller has bound. The time of all together is that until the last is
 * done, so that of four threads, two of which share a core, the effective cores are 2. The time of one alone is that of
 * the slowest of a few, so that a neighbour who slows one of them down does not look like a shared core. Takes 2 to 5
 * ms, and longer where the hypervisor stops processors. */
struct placement_probe placement_probe(int threads);

enum { PLACEMENT_STATE = 24 };

/* "2 cores", "1 core", "2 cores, far" (passing a line takes 90 ns and more: no common cache); "" where not known. */
void placement_state(const struct placement_probe *probe, int threads, char state[PLACEMENT_STATE]);

/* All probes of a run, in the order in which they were taken. A log that is all zero is empty. */
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

/* Without memory the probe is dropped, for no result depends on a single one. */
void placement_log_add(struct placement_log *log, int threads, const struct placement_probe *probe);
void placement_log_free(struct placement_log *log);

/* What the probes of one number of threads say. */
enum { PLACEMENT_FOUND = 32 };
struct placement_summary {
  int threads;
  size_t probes;
  size_t known;   /* probes that have a state */
  size_t moves;   /* of these, those with another state than the one before */
  double seconds; /* from the first to the last */
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

/* Where there are more than two processors, probes two at a time for at most `seconds` and fills the log's pairs. The
 * two threads keep the binding that the caller gave them. An OpenMP runtime may end the other threads of a larger team
 * meanwhile, as it may whenever a team is smaller: a caller who goes on with more threads binds them again. */
void placement_measure_pairs(struct placement_log *log, const struct machine *machine, double seconds);

/* For people, without a full stop at the end; "" where nothing is known.
 * Of one state: "2 processors, one core: together 1.02 times as fast as one; a cache line is handed over in 28 ns". */
void placement_description(const struct placement_found *found, int threads, char *text, size_t size);
/* "moved twice in 2 s", "did not move in 2 s" */
void placement_moves(const struct placement_summary *summary, char *text, size_t size);
/* Of the largest team: its most frequent state, how often it was in others, and how often it moved. */
void placement_sentence(const struct placement_log *log, char *text, size_t size);

/* Sets the environment's item `placement` to what the log says of most threads, with a warning where they moved or were
 * fewer cores than threads. */
void placement_observe(const struct placement_log *log, const struct machine *machine, struct environment *environment);

#endif
