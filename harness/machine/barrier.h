/* What stands between a value and a compiler that would make less of a loop than is to be timed. Neither is an
 * instruction. For after a lane header. */
#ifndef GRADMARK_BARRIER_H
#define GRADMARK_BARRIER_H

#if defined(__AVX512F__)
#define BARRIER_REGISTER "v" /* all 32 */
#elif defined(__x86_64__)
#define BARRIER_REGISTER "x"
#elif defined(__aarch64__)
#define BARRIER_REGISTER "w"
#else
#define BARRIER_REGISTER "m"
#endif

/* The value is used. */
static inline void barrier_use(v_f32 x) { __asm__ volatile("" : : BARRIER_REGISTER(x)); }
/* The compiler knows nothing of the value any more. */
static inline void barrier_hide(v_f32 *x) { __asm__ volatile("" : "+" BARRIER_REGISTER(*x)); }

#endif
