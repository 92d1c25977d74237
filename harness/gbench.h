/* The C face of Google Benchmark: it registers, filters and paces the timings. What one iteration took, the caller
 * measures and says. Implemented in gbench_shim.cc, the only C++ of the tree; no exception leaves it. */
#ifndef GRADMARK_GBENCH_H
#define GRADMARK_GBENCH_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gbench_state gbench_state;
typedef void gbench_body(gbench_state *state, void *context);

/* Takes the --benchmark_... arguments that it knows out of argv. False, with the first argument that it does not know
 * in argv[1], if any is left. */
bool gbench_initialize(int *argc, char **argv);

/* `iterations` 0 leaves their number to Google Benchmark (--benchmark_min_time). False without memory. */
bool gbench_register(const char *name, gbench_body *body, void *context, int64_t iterations);

/* In the body: while (gbench_next(state)) gbench_set_seconds(state, what this iteration took); */
bool gbench_next(gbench_state *state);
void gbench_set_seconds(gbench_state *state, double seconds);
void gbench_skip(gbench_state *state, const char *why);

/* Calls the body of everything that gbench_run will run, which it should end at once by gbench_skip. Nothing is
 * printed. Returns as gbench_run does. */
int gbench_choose(void);

/* Runs what was registered and matches --benchmark_filter, with Google Benchmark's own output or none. Returns how many
 * matched; -1 on an error inside the library. */
int gbench_run(bool own_output);

#ifdef __cplusplus
}
#endif
#endif
