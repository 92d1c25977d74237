/* Compiled once per ISA. What a twin writes is what was there: an updated stream keeps its values, by a maximum with a
 * floor that only the caller knows to be minus infinity, so that the compiler must do it and no state is disturbed. */
#include "machine/twin.h"

#include "lane/lane.h"

struct streams {
  const float *read[TWIN_MOST];
  float *update[TWIN_MOST], *write[TWIN_MOST];
};

GM_INLINE void touch(const struct streams *s, int reads, int updates, int writes, v_f32 floor, size_t i, size_t count) {
  v_f32 seen = reads ? v_load(s->read[0] + i, count) : floor;
  for (int k = 1; k < reads; k++) seen = v_max(v_load(s->read[k] + i, count), seen);
  for (int k = 0; k < writes; k++) v_store(s->write[k] + i, seen, count);
  for (int k = 0; k < updates; k++) {
    const v_f32 bottom = k == 0 && reads ? v_min(floor, seen) : floor;
    v_store(s->update[k] + i, v_max(v_load(s->update[k] + i, count), bottom), count);
  }
}

GM_INLINE void walk(const struct streams *given, int reads, int updates, int writes, float floor_value, size_t begin,
                    size_t end) {
  const struct streams s = *given;
  const v_f32 floor = v_set(floor_value);
  size_t i = begin;
  /* Several vectors a turn, as a compiler would: the loop's own instructions are no part of the memory's limit. */
  for (; end - i >= 4 * V_WIDTH; i += 4 * V_WIDTH) {
    touch(&s, reads, updates, writes, floor, i, V_WIDTH);
    touch(&s, reads, updates, writes, floor, i + 1 * V_WIDTH, V_WIDTH);
    touch(&s, reads, updates, writes, floor, i + 2 * V_WIDTH, V_WIDTH);
    touch(&s, reads, updates, writes, floor, i + 3 * V_WIDTH, V_WIDTH);
  }
  for (; end - i >= V_WIDTH; i += V_WIDTH) touch(&s, reads, updates, writes, floor, i, V_WIDTH);
  if (i < end) touch(&s, reads, updates, writes, floor, i, end - i);
}

/* Reading alone: as many chains as hide the latency of the maximum. */
GM_INLINE float read_only(const float *p, float floor, size_t begin, size_t end) {
  v_f32 m0 = v_set(floor), m1 = m0, m2 = m0, m3 = m0, m4 = m0, m5 = m0, m6 = m0, m7 = m0;
  size_t i = begin;
  for (; end - i >= 8 * V_WIDTH; i += 8 * V_WIDTH) {
    m0 = v_max(v_load(p + i, V_WIDTH), m0);
    m1 = v_max(v_load(p + i + 1 * V_WIDTH, V_WIDTH), m1);
    m2 = v_max(v_load(p + i + 2 * V_WIDTH, V_WIDTH), m2);
    m3 = v_max(v_load(p + i + 3 * V_WIDTH, V_WIDTH), m3);
    m4 = v_max(v_load(p + i + 4 * V_WIDTH, V_WIDTH), m4);
    m5 = v_max(v_load(p + i + 5 * V_WIDTH, V_WIDTH), m5);
    m6 = v_max(v_load(p + i + 6 * V_WIDTH, V_WIDTH), m6);
    m7 = v_max(v_load(p + i + 7 * V_WIDTH, V_WIDTH), m7);
  }
  for (; end - i >= V_WIDTH; i += V_WIDTH) m0 = v_max(v_load(p + i, V_WIDTH), m0);
  m0 = v_max(v_max(v_max(m0, m1), v_max(m2, m3)), v_max(v_max(m4, m5), v_max(m6, m7)));
  float lanes[V_WIDTH];
  v_store(lanes, m0, V_WIDTH);
  return lanes[0];
}

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)scratch;
  struct streams s;
  int reads = 0, updates = 0, writes = 0;
  for (int k = 0; k < TWIN_MOST; k++) {
    if ((s.read[k] = frame->stream[TWIN_READ + k])) reads++;
    if ((s.update[k] = frame->stream[TWIN_UPDATE + k])) updates++;
    if (TWIN_WRITE + k < GM_MAX_STREAMS && (s.write[k] = frame->stream[TWIN_WRITE + k])) writes++;
  }
  const float floor = coef[0];
  /* Each mix of streams is a loop of its own, with nothing left to decide in it. */
  switch (reads * 100 + updates * 10 + writes) {
    case 100: return (double)read_only(s.read[0], floor, begin, end);
#define MIX(r, u, w) \
  case r * 100 + u * 10 + w: walk(&s, r, u, w, floor, begin, end); break;
      MIX(0, 1, 0)
      MIX(0, 2, 0)
      MIX(0, 0, 1)
      MIX(1, 1, 0)
      MIX(1, 2, 0)
      MIX(1, 3, 0)
      MIX(2, 1, 0)
      MIX(2, 2, 0)
      MIX(1, 0, 1)
      MIX(2, 0, 1)
      MIX(1, 1, 1)
      MIX(1, 2, 1)
      MIX(1, 3, 1)
#undef MIX
    default: walk(&s, reads, updates, writes, floor, begin, end); /* any other mix, decided as it goes */
  }
  return 0;
}

static void prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  (void)frame;
  coef[0] = -__builtin_inff();
}

extern const gm_body GM_NAMED(gm_twin);
const gm_body GM_NAMED(gm_twin) = {.prepare = prepare, .run = run};
