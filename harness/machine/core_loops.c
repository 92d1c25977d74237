/* Compiled once per ISA. */
#include "lane/lane.h"
#include "machine/core.h"

#if defined(__x86_64__)
#define REGISTER "x"
#elif defined(__aarch64__)
#define REGISTER "w"
#else
#define REGISTER "m"
#endif

/* The value is used; the compiler knows nothing of it any more. Neither is an instruction. */
GM_INLINE void keep(v_f32 x) { __asm__ volatile("" : : REGISTER(x)); }
GM_INLINE void touch(v_f32 *x) { __asm__ volatile("" : "+" REGISTER(*x)); }

enum { CHAINS = 8, PAGE_FLOATS = 1024 };

/* One arithmetic instruction. */
GM_INLINE v_f32 one(v_f32 a, v_f32 x, v_f32 y) { return V_FUSED ? v_fma(a, x, y) : v_mul(a, x); }

static size_t fp(size_t turns) {
  v_f32 a0 = v_set(1), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0, a8 = a0, a9 = a0;
  v_f32 x = v_set(V_FUSED ? 0.5f : 1.0f), y = v_set(0.25f); /* neither grows nor dies away */
  touch(&x);
  touch(&y);
  for (size_t i = 0; i < turns; i++) {
    a0 = one(a0, x, y), a1 = one(a1, x, y), a2 = one(a2, x, y), a3 = one(a3, x, y), a4 = one(a4, x, y);
    a5 = one(a5, x, y), a6 = one(a6, x, y), a7 = one(a7, x, y), a8 = one(a8, x, y), a9 = one(a9, x, y);
    touch(&a0); /* or the compiler may run lanes of one float as one vector */
    touch(&a5);
  }
  keep(a0), keep(a1), keep(a2), keep(a3), keep(a4), keep(a5), keep(a6), keep(a7), keep(a8), keep(a9);
  return 10 * turns;
}

/* x -> c / x goes to and fro between two values. */
static size_t divide(size_t turns) {
  v_f32 a0 = v_set(1.1f), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0, c = v_set(1.7f);
  touch(&c);
  for (size_t i = 0; i < turns; i++) {
    a0 = v_quotient(c, a0), a1 = v_quotient(c, a1), a2 = v_quotient(c, a2), a3 = v_quotient(c, a3);
    a4 = v_quotient(c, a4), a5 = v_quotient(c, a5), a6 = v_quotient(c, a6), a7 = v_quotient(c, a7);
    touch(&a0), touch(&a1), touch(&a2), touch(&a3), touch(&a4), touch(&a5), touch(&a6), touch(&a7);
  }
  return CHAINS * turns;
}

/* The root of the same argument each time, kept out of the compiler's sight. */
static size_t root(size_t turns) {
  v_f32 a0 = v_set(1.7f), a1 = a0, a2 = a0, a3 = a0;
  for (size_t i = 0; i < 2 * turns; i++) {
    touch(&a0), touch(&a1), touch(&a2), touch(&a3);
    const v_f32 r0 = v_root(a0), r1 = v_root(a1), r2 = v_root(a2), r3 = v_root(a3);
    keep(r0), keep(r1), keep(r2), keep(r3);
  }
  return CHAINS * turns;
}

static size_t divide_by_root(size_t turns) {
  v_f32 a0 = v_set(1.7f), a1 = a0, a2 = a0, a3 = a0, c = v_set(1.3f);
  touch(&c);
  for (size_t i = 0; i < 2 * turns; i++) {
    touch(&a0), touch(&a1), touch(&a2), touch(&a3);
    const v_f32 r0 = v_quotient_by_root(c, a0), r1 = v_quotient_by_root(c, a1);
    const v_f32 r2 = v_quotient_by_root(c, a2), r3 = v_quotient_by_root(c, a3);
    keep(r0), keep(r1), keep(r2), keep(r3);
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
    keep(a0), keep(a1), keep(a2), keep(a3), keep(a4), keep(a5), keep(a6), keep(a7);
    __asm__ volatile("" : : "r"(page) : "memory");
  }
  return CHAINS * turns;
}

static size_t store(size_t turns) {
  float page[PAGE_FLOATS] __attribute__((aligned(64)));
  v_f32 x = v_set(1);
  touch(&x);
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
    case CORE_DIVIDE_BY_ROOT: return divide_by_root(turns);
    case CORE_LOAD: return load(turns);
    case CORE_STORE: return store(turns);
    case CORE_UNITS: break;
  }
  return 0;
}

extern const core_loops GM_NAMED(gm_core_loops);
const core_loops GM_NAMED(gm_core_loops) = {run, V_WIDTH, V_FUSED, GM_FAST};
