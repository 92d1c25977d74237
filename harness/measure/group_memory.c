#include "measure/group_memory.h"

#include <stdlib.h>
#include <string.h>

#include "reference_shape.h"

enum { OWN_BYTES = 64 << 20 }; /* of an arena that groups lie in one behind the other */

/* ---- values ----------------------------------------------------------------------------------------------------- */

enum values values_of(const gm_stream *stream) {
  const bool updated = stream->role == GM_UPDATE;
  if (stream->role == GM_WRITE) return VALUES_WRITTEN;
  if (stream->type == GM_TYPE_i8) return VALUES_CODES;
  if (stream->type == GM_TYPE_i32) return VALUES_LABELS;
  if (stream->domain == GM_ANY) return updated ? VALUES_UPDATED : VALUES_READ;
  return updated ? VALUES_UPDATED_NONNEGATIVE : VALUES_READ_NONNEGATIVE;
}

static void fill_floats(float *x, size_t begin, size_t end, uint32_t salt, bool nonnegative) {
  for (size_t i = begin; i < end; i++) {
    uint32_t h = ((uint32_t)i + salt) * 2654435761U;
    h ^= h >> 15;
    const uint32_t sign = nonnegative ? 0 : h & 0x80000000U, bits = 0x3f000000U | (h & 0x7fffffU) | sign;
    memcpy(&x[i], &bits, sizeof bits);
  }
}

/* Three in four are not zero: a mask of them keeps as many. */
static void fill_bytes(int8_t *x, size_t begin, size_t end) {
  for (size_t i = begin; i < end; i++) x[i] = i % 4 ? (int8_t)(i * 7919 % 127 + 1) : 0;
}

static void fill_labels(int32_t *label, size_t begin, size_t end, size_t classes) {
  for (size_t i = begin; i < end; i++) label[i] = (int32_t)(i * 7919 % classes);
}

void values_fill(gm_type type, bool nonnegative, void *x, size_t begin, size_t end, uint32_t salt, size_t classes) {
  if (type == GM_TYPE_f32)
    fill_floats(x, begin, end, salt, nonnegative);
  else if (type == GM_TYPE_i8)
    fill_bytes(x, begin, end);
  else if (type == GM_TYPE_i32)
    fill_labels(x, begin, end, classes);
}

/* ---- memory ----------------------------------------------------------------------------------------------------- */

void group_memory_open(struct group_memory *memory, const struct machine *machine,
                       const struct arena_settings *settings) {
  *memory = (struct group_memory){.settings = *settings, .several_nodes = machine->numa_nodes > 1};
}

void group_memory_close(struct group_memory *memory) {
  for (size_t i = 0; i < memory->owns; i++) arena_close(&memory->own[i].arena);
  free(memory->own);
  for (int values = 0; values < VALUES; values++) arena_close(&memory->shared[values].arena);
  *memory = (struct group_memory){0};
}

static bool is_array(const gm_op *op, int k) { return op->stream[k].role != GM_RESULT; }

void group_memory_expect(struct group_memory *memory, const gm_op *op, const gm_frame *frame) {
  size_t bytes[VALUES] = {0}, streams[VALUES] = {0};
  for (int k = 0; k < op->streams; k++) {
    if (!is_array(op, k)) continue;
    const enum values values = values_of(&op->stream[k]);
    bytes[values] += gm_stream_bytes(op, k, frame);
    streams[values]++;
  }
  for (int values = 0; values < VALUES; values++) {
    if (bytes[values] > memory->shared[values].bytes) memory->shared[values].bytes = bytes[values];
    if (streams[values] > memory->shared[values].streams) memory->shared[values].streams = streams[values];
  }
}

static bool open_expected(struct group_memory *memory) {
  for (int values = 0; values < VALUES; values++) {
    const size_t bytes = memory->shared[values].bytes, streams = memory->shared[values].streams;
    struct arena *arena = &memory->shared[values].arena;
    if (bytes && !arena->map && !arena_open(arena, bytes, streams, &memory->settings)) return false;
  }
  return true;
}

/* As large as anything that is expected, or, without so much memory, as the op at hand: what is larger has no room. */
static bool open_shared(struct group_memory *memory, const gm_op *op, const gm_frame *frame) {
  memory->shared_open = open_expected(memory);
  if (memory->shared_open) return true;
  for (int values = 0; values < VALUES; values++) {
    arena_close(&memory->shared[values].arena);
    memory->shared[values].bytes = memory->shared[values].streams = 0;
  }
  group_memory_expect(memory, op, frame);
  memory->shared_open = open_expected(memory);
  return memory->shared_open;
}

/* The last arena of as many threads, or a new one where that has no room. */
static struct arena *own_with_room(struct group_memory *memory, size_t bytes, size_t streams, int threads) {
  for (size_t i = memory->owns; i-- > 0;) {
    struct own *own = &memory->own[i];
    if (own->threads == threads && arena_has_room(&own->arena, bytes, streams, &memory->settings)) return &own->arena;
  }
  struct own *more = realloc(memory->own, (memory->owns + 1) * sizeof *more);
  if (!more) return NULL;
  memory->own = more;
  more[memory->owns].threads = threads;
  if (!arena_open(&more[memory->owns].arena, bytes > OWN_BYTES ? bytes : OWN_BYTES, streams, &memory->settings))
    return NULL;
  return &more[memory->owns++].arena;
}

bool group_memory_take(struct group_memory *memory, const gm_op *op, gm_frame *frame, int threads, bool shared,
                       struct layout *layout) {
  const size_t bytes = (size_t)reference_working_set(op, frame), streams = (size_t)op->streams;
  struct arena *own = NULL;
  if (shared && !memory->shared_open && !open_shared(memory, op, frame)) return false;
  if (!shared && !(own = own_with_room(memory, bytes, streams, threads))) return false;
  for (int values = 0; shared && values < VALUES; values++)
    if (memory->shared[values].arena.map) arena_rewind(&memory->shared[values].arena);
  layout_begin(layout, streams, &memory->settings);
  for (int k = 0; k < op->streams; k++) {
    if (!is_array(op, k)) continue;
    struct arena *arena = shared ? &memory->shared[values_of(&op->stream[k])].arena : own;
    if (!arena->map) return false;
    frame->stream[k] = layout_take(layout, arena, gm_stream_bytes(op, k, frame));
    if (!frame->stream[k]) return false;
  }
  return true;
}

void group_memory_drop_shared(struct group_memory *memory) {
  for (int values = 0; values < VALUES; values++) arena_drop_pages(&memory->shared[values].arena);
}

void group_memory_drop_own(struct group_memory *memory) {
  for (size_t i = 0; i < memory->owns; i++) arena_drop_pages(&memory->own[i].arena);
}

static bool is_updated(enum values values) { return values == VALUES_UPDATED || values == VALUES_UPDATED_NONNEGATIVE; }

void group_memory_fill(struct group_memory *memory, int threads, bool updated_alone) {
  enum { PARTS = 64 };
  for (int values = 0; values < VALUES; values++) {
    const struct arena *arena = &memory->shared[values].arena;
    if (!arena->map) continue;
    if (updated_alone && !is_updated((enum values)values)) continue;
    const gm_type type = values == VALUES_CODES ? GM_TYPE_i8 : values == VALUES_LABELS ? GM_TYPE_i32 : GM_TYPE_f32;
    const bool nonnegative = values == VALUES_READ_NONNEGATIVE || values == VALUES_UPDATED_NONNEGATIVE;
    const size_t count = arena->bytes / gm_type_bytes(type);
#pragma omp parallel for num_threads(threads) schedule(static)
    for (size_t part = 0; part < PARTS; part++)
      values_fill(type, nonnegative, arena->map, count * part / PARTS, count * (part + 1) / PARTS, (uint32_t)values,
                  REFERENCE_CLASSES);
  }
}
