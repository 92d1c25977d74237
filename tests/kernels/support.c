#include "support.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

uint64_t test_seed(void) {
  static uint64_t seed;
  if (seed) return seed;
  const char *given = getenv("GRADMARK_TEST_SEED");
  seed = given ? strtoull(given, NULL, 0) : 0;
  if (!seed) seed = 20240131;
  printf("seed %" PRIu64 " (GRADMARK_TEST_SEED sets another)\n", seed);
  fflush(stdout);
  return seed;
}

bool long_tests(void) {
  const char *given = getenv("GRADMARK_LONG");
  return given && strcmp(given, "1") == 0;
}

bool isa_runs_here(const char *name, bool *fused) {
  gm_error error;
  gm_library *library = gm_open("", &error);
  assert_non_null(library);
  bool runs = false;
  for (size_t i = 0; i < gm_isa_count(library); i++) {
    const gm_isa *isa = gm_isa_at(library, i);
    if (strcmp(isa->name, name) != 0) continue;
    runs = isa->compiled && isa->supported;
    if (!runs) printf("%s is skipped: %s\n", isa->name, isa->why_not);
    *fused = isa->fused;
  }
  gm_close(library);
  return runs;
}

uint64_t random_bits(uint64_t *state) {
  uint64_t z = *state += 0x9e3779b97f4a7c15U;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

float random_pattern(uint64_t *state) { return from_bits((uint32_t)random_bits(state)); }

float random_between(uint64_t *state, float low, float high) {
  const double unit = (double)(random_bits(state) >> 11) * 0x1p-53;
  return (float)(low + unit * ((double)high - low));
}

/* Made as a double, which is rounded to f32 once: ldexp would take most of a test's time. */
float random_scales(uint64_t *state, int low, int high) {
  enum { BIAS = 1023, FRACTION = 52 };
  const uint64_t bits = random_bits(state);
  const uint64_t exponent = (uint64_t)(BIAS + low) + bits % (uint64_t)(high - low);
  const uint64_t pattern = (bits & 1ULL << 63) | exponent << FRACTION | (bits >> 32 & 0x7fffff) << (FRACTION - 23);
  double x;
  memcpy(&x, &pattern, sizeof x);
  return (float)x;
}

uint32_t bits_of(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

float from_bits(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

bool same_float(float a, float b) { return (isnan(a) && isnan(b)) || bits_of(a) == bits_of(b); }

double ulps_off(float got, double exact) { return ulps_off_scale(got, exact, exact); }

double ulps_off_scale(float got, double exact, double scale) {
  if (isnan(got) || isnan(exact)) return isnan(got) && isnan(exact) ? 0 : INFINITY;
  if (isinf(got) && isinf((float)exact)) return (got > 0) == (exact > 0) ? 0 : INFINITY;
  if (isinf(got) || isinf(exact)) return INFINITY;
  enum { BIAS = 1023, FRACTION = 52 }; /* of double; frexp and ldexp would take most of a test's time */
  uint64_t bits;
  memcpy(&bits, &scale, sizeof bits);
  int exponent = (int)(bits >> FRACTION & 0x7ff) - BIAS;
  if (exponent < -126) exponent = -126;
  if (exponent > 127) exponent = 127;
  bits = (uint64_t)(23 - exponent + BIAS) << FRACTION; /* one over the unit */
  double units;
  memcpy(&units, &bits, sizeof units);
  return fabs(got - exact) * units;
}

const float special_values[] = {
    0.0f,
    -0.0f,
    1.0f,
    -1.0f,
    2.0f,
    0.5f,
    1.5f,
    -0.75f,
    0x1.fffffep0f,
    0x1.000002p0f,
    0x1p-149f,
    -0x1p-149f,
    0x1.fffffcp-127f,
    -0x1p-127f,
    0x1p-126f,
    -0x1.000002p-126f,
    1e-30f,
    -3e-20f,
    1e20f,
    -2e30f,
    0x1p63f,
    0x1p-63f,
    0x1p100f,
    0x1p-100f,
    0x1p126f,
    0x1p127f,
    FLT_MAX,
    -FLT_MAX,
    INFINITY,
    -INFINITY,
    NAN,
    -NAN,
};
const size_t special_count = COUNT_OF(special_values);

struct pages pages_get(size_t bytes) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  const size_t inner = (bytes + page - 1) / page * page;
  unsigned char *all = mmap(NULL, inner + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  assert_true(all != MAP_FAILED);
  assert_int_equal(mprotect(all + page, inner, PROT_READ | PROT_WRITE), 0);
  return (struct pages){all + page, all + page + inner};
}

void pages_free(struct pages pages) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  munmap(pages.begin - page, (size_t)(pages.end - pages.begin) + 2 * page);
}

static size_t stream_bytes(const struct job *job, int k) {
  return gm_stream_extent(job->op, k, &job->frame) * gm_type_bytes(job->op->stream[k].type);
}

void job_make(struct job *job, const gm_op *op, const size_t *sizes) {
  *job = (struct job){.op = op};
  memcpy(job->frame.size, sizes, (size_t)op->sizes * sizeof *sizes);
  for (int i = 0; i < op->hypers; i++) job->frame.hyper[i] = op->hyper[i].usual;
  for (int k = 0; k < op->streams; k++) {
    job->frame.stream[k] = malloc(stream_bytes(job, k) + 1);
    assert_non_null(job->frame.stream[k]);
  }
}

/* The result that the tensors of a list share; NULL if there is none. */
static double *common_result(const struct job *job) {
  const int last = job->op->streams - 1;
  return gm_has_result(job->op) ? job->frame.stream[last] : NULL;
}

void job_make_list(struct job *job, const gm_op *op, const size_t *tensors, size_t count) {
  *job = (struct job){.op = op, .frame = {.size = {count}}};
  for (int i = 0; i < op->hypers; i++) job->frame.hyper[i] = op->hyper[i].usual;
  if (gm_has_result(op)) {
    job->frame.stream[op->streams - 1] = calloc(1, sizeof(double));
    assert_non_null(common_result(job));
  }
  gm_frame *frames = calloc(count, sizeof *frames);
  job->tensors = calloc(count, sizeof *job->tensors);
  assert_true(frames && job->tensors);
  for (size_t i = 0; i < count; i++) {
    job_make(&job->tensors[i], op->of, &tensors[i]);
    frames[i] = job->tensors[i].frame;
  }
  job->frame.stream[0] = frames;
}

void job_fill(struct job *job, uint64_t seed) {
  if (job->tensors) {
    for (size_t i = 0; i < job->frame.size[0]; i++) job_fill(&job->tensors[i], seed + i);
    return;
  }
  uint64_t state = seed;
  for (int k = 0; k < job->op->streams; k++) {
    const gm_stream *stream = &job->op->stream[k];
    const size_t count = gm_stream_extent(job->op, k, &job->frame);
    const bool nonnegative = stream->domain != GM_ANY;
    for (size_t i = 0; i < count; i++) {
      const float x = random_scales(&state, -20, 4);
      if (stream->type == GM_TYPE_i32)
        ((int32_t *)job->frame.stream[k])[i] = (int32_t)(random_bits(&state) % job->frame.size[job->op->sizes - 1]);
      else if (stream->type == GM_TYPE_i8)
        ((int8_t *)job->frame.stream[k])[i] = (int8_t)(i % 4 ? random_bits(&state) : 0);
      else if (stream->type == GM_TYPE_f64)
        ((double *)job->frame.stream[k])[i] = x;
      else
        ((float *)job->frame.stream[k])[i] = nonnegative ? fabsf(x) : x;
    }
  }
}

void job_copy(struct job *to, const struct job *from) {
  if (from->tensors) {
    for (size_t i = 0; i < from->frame.size[0]; i++) job_copy(&to->tensors[i], &from->tensors[i]);
    if (common_result(to)) *common_result(to) = *common_result(from);
    return;
  }
  for (int k = 0; k < from->op->streams; k++) memcpy(to->frame.stream[k], from->frame.stream[k], stream_bytes(from, k));
}

bool job_same(const struct job *a, const struct job *b) {
  if (a->tensors) {
    for (size_t i = 0; i < a->frame.size[0]; i++)
      if (!job_same(&a->tensors[i], &b->tensors[i])) return false;
    return !common_result(a) || memcmp(common_result(a), common_result(b), sizeof(double)) == 0;
  }
  for (int k = 0; k < a->op->streams; k++)
    if (memcmp(a->frame.stream[k], b->frame.stream[k], stream_bytes(a, k)) != 0) return false;
  return true;
}

void job_free(struct job *job) {
  if (job->tensors) {
    for (size_t i = 0; i < job->frame.size[0]; i++) job_free(&job->tensors[i]);
    free(job->tensors);
    free(job->frame.stream[0]);
    free(common_result(job));
    return;
  }
  for (int k = 0; k < job->op->streams; k++) free(job->frame.stream[k]);
}
