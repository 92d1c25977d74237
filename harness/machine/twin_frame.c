/* From an op's frame to its twin's. */
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

static bool counts(const gm_stream *stream) { return stream->type == GM_TYPE_f32 && stream->role != GM_RESULT; }

/* All float streams of `frame` side by side; false if they differ in length, or are more than a twin has room for. */
static bool together(const gm_op *op, const gm_frame *frame, gm_frame *part) {
  *part = (gm_frame){0};
  for (int k = 0; k < op->streams; k++) {
    if (!counts(&op->stream[k])) continue;
    const size_t extent = gm_stream_extent(op, k, frame);
    if (part->size[0] && part->size[0] != extent) return false;
    part->size[0] = extent;
    if (!add_stream(part, op->stream[k].role, frame->stream[k])) return false;
  }
  return true;
}

bool twin_open(struct twin *twin, const gm_op *op, const gm_frame *frame, const gm_body *body) {
  *twin = (struct twin){.op = {.name = "twin", .dtype = "f32", .shape = GM_ELEMENTWISE, .sizes = 1},
                        .list = {.name = "twin", .dtype = "f32", .shape = GM_LIST, .sizes = 1}};
  twin->list.of = &twin->op;
  twin->impl = (gm_impl){.op = &twin->op, .body = body, .runnable = true};
  if (op->shape != GM_LIST && together(op, frame, &twin->frame)) return true;
  const size_t count = op->shape == GM_LIST ? frame->size[0] : (size_t)op->streams;
  twin->parts = calloc(count ? count : 1, sizeof *twin->parts);
  if (!twin->parts) return false;
  for (size_t i = 0; i < count; i++) {
    if (op->shape == GM_LIST) {
      together(op->of, &((const gm_frame *)frame->stream[0])[i], &twin->parts[i]);
    } else if (counts(&op->stream[i])) {
      twin->parts[i].size[0] = gm_stream_extent(op, (int)i, frame);
      add_stream(&twin->parts[i], op->stream[i].role, frame->stream[i]);
    }
  }
  twin->impl.op = &twin->list;
  twin->frame = (gm_frame){.size = {count}, .stream = {twin->parts}};
  return true;
}

void twin_close(struct twin *twin) { free(twin->parts); }
