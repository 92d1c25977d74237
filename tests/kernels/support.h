/* What the kernels' tests share: repeatable random numbers, arrays between inaccessible pages, bits and units in the
 * last place, and frames of any op filled with repeatable data. */
#ifndef GM_TEST_SUPPORT_H
#define GM_TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* cmocka.h wants the four above first. */
#include <cmocka.h>

#include "by_name.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* The exit code by which a test tells meson that it cannot run here. */
enum { EXIT_SKIPPED = 77 };

/* Whether GRADMARK_LONG is 1: then samples are dense, and what shows the same at a smaller size is done at each. */
bool long_tests(void);

/* Whether an ISA of isas.def was compiled and runs here, said if not; `fused` becomes what its row promises. */
bool isa_runs_here(const char *isa, bool *fused);

/* ---- random numbers: splitmix64 --------------------------------------------------------------------------------- */

/* GRADMARK_TEST_SEED, or else always the same; printed once. */
uint64_t test_seed(void);
uint64_t random_bits(uint64_t *state);
float random_pattern(uint64_t *state);                        /* any of the 2^32 floats, NaN and infinities included */
float random_between(uint64_t *state, float low, float high); /* evenly */
float random_scales(uint64_t *state, int low, int high);      /* either sign, magnitude 2^low .. 2^high */

/* ---- floats ----------------------------------------------------------------------------------------------------- */

uint32_t bits_of(float x);
float from_bits(uint32_t bits);
/* The same bits, or NaN both. */
bool same_float(float a, float b);
/* |got - exact| in units of the last place of `exact`; 0 where both are NaN or the same infinity. */
double ulps_off(float got, double exact);
/* The same in units of the last place of `scale`. */
double ulps_off_scale(float got, double exact, double scale);

/* Zeros, ones, subnormals, extremes, infinities and NaN, of both signs. */
extern const float special_values[];
extern const size_t special_count;

/* ---- memory ----------------------------------------------------------------------------------------------------- */

/* `bytes` rounded up to whole pages, with an inaccessible page before and after. */
struct pages {
  unsigned char *begin, *end;
};
struct pages pages_get(size_t bytes);
void pages_free(struct pages pages);

/* ---- frames ----------------------------------------------------------------------------------------------------- */

/* A frame with its own memory. For a list op, `tensors` are its frames, each with its own streams. */
struct job {
  const gm_op *op;
  gm_frame frame;
  struct job *tensors;
};

/* Of an op that is no list, or of a list of tensors[0 .. count-1] elements. The hyperparameters are the usual ones. */
void job_make(struct job *job, const gm_op *op, const size_t *sizes);
void job_make_list(struct job *job, const gm_op *op, const size_t *tensors, size_t count);
/* Random data, the same for the same seed: second moments are not negative, labels are in range. */
void job_fill(struct job *job, uint64_t seed);
/* Both of the same op and sizes. */
void job_copy(struct job *to, const struct job *from);
bool job_same(const struct job *a, const struct job *b);
void job_free(struct job *job);

#endif
