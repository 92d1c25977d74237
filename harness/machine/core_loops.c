/* Compiled once per ISA: one function for each kind, which a test takes apart. Every value is hidden from the compiler
 * in every turn, so that it can neither merge two chains nor drop what nobody reads. */
#include "lane/lane.h"
#include "machine/barrier.h"
#include "machine/core.h"

/* Not static, or a caller's constants might find their way in. */
#define LOOP(kind)                                            \
  void GM_NAMED(core_loop_##kind)(size_t turns, float *page); \
  __attribute__((noinline)) void GM_NAMED(core_loop_##kind)(size_t turns, float *page)

#define EIGHT(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)
#define CHAINS(DO) EIGHT(DO) DO(8) DO(9) DO(10) DO(11) DO(12) DO(13)

/* As many chains as hide the latency of a multiply-add twice over: a <- a / 2 + 1/4 neither grows nor dies away. */
LOOP(fma) {
  (void)page;
  v_f32 x = v_set(0.5f), y = v_set(0.25f);
  barrier_hide(&x);
  barrier_hide(&y);
#define START(k) v_f32 a##k = v_set(0.5f + 0.01f * k);
#define STEP(k)             \
  a##k = v_fma(a##k, x, y); \
  barrier_hide(&a##k);
#define END(k) barrier_use(a##k);
  CHAINS(START)
  for (size_t i = 0; i < turns; i++) {
    CHAINS(STEP)
  }
  CHAINS(END)
#undef STEP
}

/* The others wait for nothing: what they are made from is hidden anew, and what comes of it is read by nobody. */
#define INDEPENDENT(result)                           \
  v_f32 x = v_set(1.7310586f), y = v_set(0.6224593f); \
  for (size_t i = 0; i < turns; i++)                  \
    for (int k = 0; k < CORE_EACH; k++) {             \
      barrier_hide(&x);                               \
      barrier_hide(&y);                               \
      barrier_use(result);                            \
    }                                                 \
  (void)page

LOOP(divide) { INDEPENDENT(v_div(x, y)); }
LOOP(sqrt) { INDEPENDENT(v_sqrt(x)); }
LOOP(other) { INDEPENDENT(v_max(x, y)); }

LOOP(load) {
  for (size_t i = 0; i < turns; i++) {
    for (int k = 0; k < CORE_EACH; k++) barrier_use(v_load(page + k * V_WIDTH, V_WIDTH));
    __asm__ volatile("" : : "r"(page) : "memory");
  }
}

LOOP(store) {
  v_f32 x = v_set(0.6224593f);
  barrier_hide(&x);
  for (size_t i = 0; i < turns; i++) {
    for (int k = 0; k < CORE_EACH; k++) v_store(page + k * V_WIDTH, x, V_WIDTH);
    __asm__ volatile("" : : "r"(page) : "memory");
  }
}

static double multiply_add(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)frame, (void)coef, (void)scratch;
  GM_NAMED(core_loop_fma)((end - begin + CORE_FMA_CHAINS - 1) / CORE_FMA_CHAINS, NULL);
  return 0;
}

extern const core_loops GM_NAMED(gm_core_loops);
const core_loops GM_NAMED(gm_core_loops) = {
    .run = {GM_NAMED(core_loop_fma), GM_NAMED(core_loop_divide), GM_NAMED(core_loop_sqrt), GM_NAMED(core_loop_other),
            GM_NAMED(core_loop_load), GM_NAMED(core_loop_store)},
    .multiply_add = {.run = multiply_add},
    .width = V_WIDTH,
    .fused = V_FUSED};
