/* The C face of Google Benchmark: it registers, filters and paces the timings, round for round. What one iteration
 * took, the caller measures and says. Implemented in gbench_shim.cc, the only C++ of the tree; no exception leaves it.
 */
#ifndef GRADMARK_GBENCH_H
#define GRADMARK_GBENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gbench_state gbench_state;
typedef void gbench_body(gbench_state *state, void *context);

/* Takes the --benchmark_... arguments that it knows out of argv. False, with the first argument that it does not know
 * in argv[1], if any is left. Its variables of the environment (BENCHMARK_...) are gone before main():
 * they count for nothing. */
bool gbench_initialize(int *argc, char **argv);

/* `iterations` 0 leaves their number to Google Benchmark (--benchmark_min_time). False without memory. */
bool gbench_register(const char *name, gbench_body *body, void *context, int64_t iterations);

/* In the body: while (gbench_next(state)) gbench_set_seconds(state, what this iteration took); */
bool gbench_next(gbench_state *state);
void gbench_set_seconds(gbench_state *state, double seconds);
void gbench_skip(gbench_state *state, const char *why);

/* Calls the body of everything that gbench_run would run, which it should end at once by gbench_skip. Nothing is
 * printed. Returns how many matched --benchmark_filter; -1 on an error inside the library. */
int gbench_choose(void);

/* What Google Benchmark shows of all rounds, as one: on stdout if `own_output`, and for a file if `for_file`, in this
 * format (console, json or csv; NULL for json). False without memory. */
bool gbench_open(bool own_output, bool for_file, const char *format);

/* One of `rounds` rounds of what was registered since the last one, which is then forgotten. Returns as gbench_choose
 * does. */
int gbench_run(int64_t round, int64_t rounds);

/* After the last round. False without memory. */
bool gbench_finish(void);

/* After gbench_finish: what the file is to hold. */
const char *gbench_text(size_t *bytes);

#ifdef __cplusplus
}
#endif
#endif
