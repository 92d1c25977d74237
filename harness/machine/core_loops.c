/* Compiled once per ISA. An empty asm with a register operand keeps a value alive without an instruction. */
#include "lane/lane.h"
#include "machine/core.h"

#if defined(__x86_64__)
#define KEEP(x) __asm__ volatile("" : : "x"(x))
#define TOUCH(x) __asm__ volatile("" : "+x"(x))
#elif defined(__aarch64__)
#define KEEP(x) __asm__ volatile("" : : "w"(x))
#define TOUCH(x) __asm__ volatile("" : "+w"(x))
#else
#define KEEP(x) __asm__ volatile("" : : "m"(x))
#define TOUCH(x) __asm__ volatile("" : "+m"(x))
#endif

enum { CHAINS = 8, PAGE_FLOATS = 1024 };

static size_t fp(size_t turns) {
  v_f32 a0 = v_set(1), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0, a8 = a0, a9 = a0;
  v_f32 x = v_set(0.5f), y = v_set(0.25f);
  TOUCH(x);
  TOUCH(y);
  for (size_t i = 0; i < turns; i++) {
    a0 = v_fma(a0, x, y), a1 = v_fma(a1, x, y), a2 = v_fma(a2, x, y), a3 = v_fma(a3, x, y), a4 = v_fma(a4, x, y);
    a5 = v_fma(a5, x, y), a6 = v_fma(a6, x, y), a7 = v_fma(a7, x, y), a8 = v_fma(a8, x, y), a9 = v_fma(a9, x, y);
    TOUCH(a0); /* or the compiler may run lanes of one float as one vector */
    TOUCH(a5);
  }
  KEEP(a0), KEEP(a1), KEEP(a2), KEEP(a3), KEEP(a4), KEEP(a5), KEEP(a6), KEEP(a7), KEEP(a8), KEEP(a9);
  return 10 * turns;
}

/* x -> c / x goes to and fro between two values. */
static size_t divide(size_t turns) {
  v_f32 a0 = v_set(1.1f), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0, c = v_set(1.7f);
  TOUCH(c);
  for (size_t i = 0; i < turns; i++) {
    a0 = v_quotient(c, a0), a1 = v_quotient(c, a1), a2 = v_quotient(c, a2), a3 = v_quotient(c, a3);
    a4 = v_quotient(c, a4), a5 = v_quotient(c, a5), a6 = v_quotient(c, a6), a7 = v_quotient(c, a7);
    TOUCH(a0), TOUCH(a1), TOUCH(a2), TOUCH(a3), TOUCH(a4), TOUCH(a5), TOUCH(a6), TOUCH(a7);
  }
  return CHAINS * turns;
}

/* The root of the same argument each time, kept out of the compiler's sight. */
static size_t root(size_t turns) {
  v_f32 a0 = v_set(1.7f), a1 = a0, a2 = a0, a3 = a0;
  for (size_t i = 0; i < turns; i++) {
    TOUCH(a0), TOUCH(a1), TOUCH(a2), TOUCH(a3);
    v_f32 r0 = v_root(a0), r1 = v_root(a1), r2 = v_root(a2), r3 = v_root(a3);
    KEEP(r0), KEEP(r1), KEEP(r2), KEEP(r3);
    TOUCH(a0), TOUCH(a1), TOUCH(a2), TOUCH(a3);
    r0 = v_root(a0), r1 = v_root(a1), r2 = v_root(a2), r3 = v_root(a3);
    KEEP(r0), KEEP(r1), KEEP(r2), KEEP(r3);
  }
  return CHAINS * turns;
}

static size_t load(size_t turns) {
  float page[PAGE_FLOATS] __attribute__((aligned(64))) = {1};
  size_t at = 0;
  for (size_t i = 0; i < turns; i++, at = (at + 8 * V_WIDTH) % PAGE_FLOATS) {
    const float *p = page + at;
    const v_f32 a0 = v_load(p, V_WIDTH), a1 = v_load(p + V_WIDTH, V_WIDTH);
    const v_f32 a2 = v_load(p + 2 * V_WIDTH, V_WIDTH), a3 = v_load(p + 3 * V_WIDTH, V_WIDTH);
    const v_f32 a4 = v_load(p + 4 * V_WIDTH, V_WIDTH), a5 = v_load(p + 5 * V_WIDTH, V_WIDTH);
    const v_f32 a6 = v_load(p + 6 * V_WIDTH, V_WIDTH), a7 = v_load(p + 7 * V_WIDTH, V_WIDTH);
    KEEP(a0), KEEP(a1), KEEP(a2), KEEP(a3), KEEP(a4), KEEP(a5), KEEP(a6), KEEP(a7);
    __asm__ volatile("" : : "r"(page) : "memory");
  }
  return CHAINS * turns;
}

static size_t store(size_t turns) {
  float page[PAGE_FLOATS] __attribute__((aligned(64)));
  v_f32 x = v_set(1);
  TOUCH(x);
  size_t at = 0;
  for (size_t i = 0; i < turns; i++, at = (at + 8 * V_WIDTH) % PAGE_FLOATS) {
    float *p = page + at;
    v_store(p, x, V_WIDTH), v_store(p + V_WIDTH, x, V_WIDTH);
    v_store(p + 2 * V_WIDTH, x, V_WIDTH), v_store(p + 3 * V_WIDTH, x, V_WIDTH);
    v_store(p + 4 * V_WIDTH, x, V_WIDTH), v_store(p + 5 * V_WIDTH, x, V_WIDTH);
    v_store(p + 6 * V_WIDTH, x, V_WIDTH), v_store(p + 7 * V_WIDTH, x, V_WIDTH);
    __asm__ volatile("" : : "r"(page) : "memory");
  }
  return CHAINS * turns;
}

static size_t run(enum core_unit unit, size_t turns) {
  switch (unit) {
    case CORE_FP: return fp(turns);
    case CORE_DIVIDE: return divide(turns);
    case CORE_ROOT: return root(turns);
    case CORE_LOAD: return load(turns);
    case CORE_STORE: return store(turns);
    case CORE_UNITS: break;
  }
  return 0;
}

extern const core_loops GM_NAMED(gm_core_loops);
const core_loops GM_NAMED(gm_core_loops) = {run, V_WIDTH};
