/* The lanes of a core twin: those of an ISA (CORE_TWIN_OF), but that a load gives a value without walking anything, and
 * a store takes one and drops it. What the kernel compiled over them does is its arithmetic, and nothing else.
 *
 * Where a value comes from is the build's: CORE_TWIN_VALUES is
 *   1  a register behind a barrier that keeps its place among the others,
 *   2  a register behind one that the compiler may move with what uses it,
 *   3  a line in the nearest cache, from where it may be an operand.
 * Each costs some kernels on some compilers what a load would not (a copy, a spilled constant, a busy load port), and
 * so the fastest counts. The values are ordinary numbers of all digits, other ones in each lane; the compiler knows
 * nothing of them, and so can neither merge two loads nor drop what is done with them. */
#ifndef GRADMARK_CORE_TWIN_LANE_H
#define GRADMARK_CORE_TWIN_LANE_H

#define v_load v_load_of_stream
#define v_load_or v_load_or_of_stream
#define v_store v_store_to_stream
#define v_load_i8 v_load_i8_of_stream
#define v_store_i8 v_store_i8_to_stream
#include CORE_TWIN_OF
#undef v_load
#undef v_load_or
#undef v_store
#undef v_load_i8
#undef v_store_i8

#include "machine/barrier.h"

/* One cache line each, which nobody writes. */
static struct {
  float read[16];
  int8_t codes[64];
} core_twin_line __attribute__((aligned(64))) = {
    .read = {0.7310586f, 0.6224593f, 0.8807971f, 0.5621765f, 0.9525741f, 0.6791787f, 0.8175745f, 0.5249792f, 0.9168273f,
             0.7502601f, 0.5986877f, 0.8581489f, 0.6456563f, 0.9370266f, 0.7858350f, 0.5374298f},
    .codes = {17, 93, 41, 65, 119, 27, 79, 55, 101, 33, 87, 11, 69, 47, 111, 23},
};

static inline v_f32 v_load(const float *p, size_t count) {
  (void)p, (void)count;
#if CORE_TWIN_VALUES == 3
  __asm__ volatile("" : "+m"(core_twin_line.read));
  return v_load_of_stream(core_twin_line.read, V_WIDTH);
#else
  v_f32 x = v_load_of_stream(core_twin_line.read, V_WIDTH);
#if CORE_TWIN_VALUES == 1
  __asm__ volatile("" : "+" BARRIER_REGISTER(x));
#else
  __asm__("" : "+" BARRIER_REGISTER(x) : "m"(*p));
#endif
  return x;
#endif
}
static inline v_f32 v_load_or(const float *p, size_t count, v_f32 other) {
  (void)other;
  return v_load(p, count);
}
static inline void v_store(float *p, v_f32 x, size_t count) {
  (void)p, (void)count;
#if CORE_TWIN_VALUES == 3 && V_WIDTH == 1
  float stored = x; /* a lone float comes from any kind of register */
  __asm__ volatile("" : "+m"(stored));
#else
  barrier_use(x);
#endif
}

/* Bytes are no lanes yet: their line is read, and what makes lanes of them is arithmetic. */
static inline v_f32 v_load_i8(const int8_t *p, size_t count) {
  (void)p, (void)count;
  __asm__ volatile("" : "+m"(core_twin_line.codes));
  return v_load_i8_of_stream(core_twin_line.codes, V_WIDTH);
}
static inline void v_store_i8(int8_t *p, v_f32 x, size_t count) {
  (void)p, (void)count;
  int8_t line[64]; /* of this thread */
  v_store_i8_to_stream(line, x, V_WIDTH);
  __asm__ volatile("" : : "m"(line));
}

#define V_PREFETCHES 0
#endif
