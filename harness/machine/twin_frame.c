/* From an op's frame to its twin's. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "if_built.h"
#include "machine/twin.h"

#define ISA(isa, ...) extern const gm_body gm_twin_##isa;
#include "isas.def"

const gm_body *twin_body(const char *isa) {
  static const struct {
    const char *isa;
    const gm_body *body;
  } bodies[] = {
#define ISA(isa, ...) {#isa, GM_IF_BUILT(isa, &gm_twin_##isa)},
#include "isas.def"
  };
  for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
    if (strcmp(bodies[i].isa, isa) == 0) return bodies[i].body;
  return NULL;
}

/* False where the part has no room for one more stream of this role. */
static bool add_stream(gm_frame *part, gm_role role, void *stream) {
  static const int first[] = {[GM_READ] = TWIN_READ, [GM_UPDATE] = TWIN_UPDATE, [GM_WRITE] = TWIN_WRITE};
  static const int end[] = {[GM_READ] = TWIN_UPDATE, [GM_UPDATE] = TWIN_WRITE, [GM_WRITE] = GM_MAX_STREAMS};
  for (int k = first[role]; k < end[role]; k++) {
    if (part->stream[k]) continue;
    part->stream[k] = stream;
    return true;
  }
  return false;
}

/* Labels are few beside the logits. */
static bool counts(const gm_stream *stream) { return stream->type != GM_TYPE_i32 && stream->role != GM_RESULT; }

static size_t floats_of(const gm_op *op, int k, const gm_frame *frame) {
  return gm_stream_extent(op, k, frame) * gm_type_bytes(op->stream[k].type) / sizeof(float);
}

/* All streams of `frame` side by side; false if they differ in length, or are more than a twin has room for. */
static bool together(const gm_op *op, const gm_frame *frame, gm_frame *part) {
  *part = (gm_frame){0};
  for (int k = 0; k < op->streams; k++) {
    if (!counts(&op->stream[k])) continue;
    const size_t floats = floats_of(op, k, frame);
    if (part->size[0] && part->size[0] != floats) return false;
    part->size[0] = floats;
    if (!add_stream(part, op->stream[k].role, frame->stream[k])) return false;
  }
  return true;
}

/* From one share to the next, as parts of a tensor; 0 .. 1 is all of it. */
struct share {
  double begin, end;
};

static size_t cut_at(size_t floats, double at) { return (size_t)((double)floats * at); }

static void add_part(struct twin *twin, const gm_frame *side_by_side, struct share share) {
  gm_frame *part = &twin->parts[twin->frame.size[0]++];
  const size_t begin = cut_at(side_by_side->size[0], share.begin);
  part->size[0] = cut_at(side_by_side->size[0], share.end) - begin;
  for (int k = 0; k < GM_MAX_STREAMS; k++)
    if (side_by_side->stream[k]) part->stream[k] = (float *)side_by_side->stream[k] + begin;
}

/* `reads` is the first of two passes. */
static void add_tensor(struct twin *twin, const gm_op *op, const gm_frame *frame, bool reads, struct share share) {
  gm_frame all;
  if (!reads && together(op, frame, &all)) {
    add_part(twin, &all, share);
    return;
  }
  for (int k = 0; k < op->streams; k++) {
    const gm_role role = op->stream[k].role;
    if (!counts(&op->stream[k]) || (reads && role == GM_WRITE)) continue;
    gm_frame one = {.size = {floats_of(op, k, frame)}};
    add_stream(&one, reads ? GM_READ : role, frame->stream[k]);
    add_part(twin, &one, share);
  }
}

/* What lies between `begin` and `end` of the tensors laid end to end. */
static void add_pass(struct twin *twin, const gm_op *op, const gm_frame *tensors, size_t count, bool reads,
                     struct share of_all, double total) {
  double start = 0;
  for (size_t i = 0; i < count; i++) {
    const double length = (double)tensors[i].size[0];
    const double begin = fmax(of_all.begin * total - start, 0), end = fmin(of_all.end * total - start, length);
    if (begin < end) add_tensor(twin, op, &tensors[i], reads, (struct share){begin / length, end / length});
    start += length;
  }
}

bool twin_open(struct twin *twin, const gm_op *op, const gm_frame *frame, int threads, const gm_body *body) {
  *twin = (struct twin){.op = {.name = "twin", .dtype = "f32", .shape = GM_ELEMENTWISE, .sizes = 1},
                        .list = {.name = "twin", .dtype = "f32", .shape = GM_LIST, .sizes = 1}};
  twin->list.of = &twin->op;
  twin->impl = (gm_impl){.op = &twin->op, .body = body, .runnable = true};
  const bool listed = op->shape == GM_LIST;
  if (!listed && !op->second_pass && together(op, frame, &twin->frame)) return true;
  const size_t count = listed ? frame->size[0] : 1;
  const gm_frame *tensors = listed ? frame->stream[0] : frame;
  const int shares = listed && !op->second_pass ? 1 : threads;
  double total = 0;
  for (size_t i = 0; i < count; i++) total += (double)tensors[i].size[0];
  /* Every share but the first begins within one tensor more. */
  twin->parts = calloc(2 * (count + (size_t)shares) * (size_t)op->streams, sizeof *twin->parts);
  if (!twin->parts) return false;
  twin->impl.op = &twin->list;
  twin->frame = (gm_frame){.stream = {twin->parts}};
  for (int t = 0; t < shares; t++) {
    const struct share share = {(double)t / shares, (double)(t + 1) / shares};
    if (op->second_pass) add_pass(twin, listed ? op->of : op, tensors, count, true, share, total);
    add_pass(twin, listed ? op->of : op, tensors, count, false, share, total);
  }
  return true;
}

void twin_close(struct twin *twin) { free(twin->parts); }
