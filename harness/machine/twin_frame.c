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

static void add_stream(gm_frame *part, gm_role role, void *stream) {
  static const int first[] = {[GM_READ] = TWIN_READ, [GM_UPDATE] = TWIN_UPDATE, [GM_WRITE] = TWIN_WRITE};
  int k = first[role];
  while (part->stream[k]) k++;
  part->stream[k] = stream;
}

static bool counts(const gm_stream *stream) { return stream->type == GM_TYPE_f32 && stream->role != GM_RESULT; }

/* All float streams of `frame` side by side. */
static gm_frame together(const gm_op *op, const gm_frame *frame) {
  gm_frame part = {0};
  for (int k = 0; k < op->streams; k++) {
    if (!counts(&op->stream[k])) continue;
    part.size[0] = gm_stream_extent(op, k, frame);
    add_stream(&part, op->stream[k].role, frame->stream[k]);
  }
  return part;
}

bool twin_open(struct twin *twin, const gm_op *op, const gm_frame *frame, const gm_body *body) {
  *twin = (struct twin){.op = {.name = "twin", .dtype = "f32", .shape = GM_ELEMENTWISE, .sizes = 1},
                        .list = {.name = "twin", .dtype = "f32", .shape = GM_LIST, .sizes = 1}};
  twin->list.of = &twin->op;
  twin->impl = (gm_impl){.op = &twin->op, .body = body, .runnable = true};
  if (op->shape != GM_LIST && op->shape != GM_MATRIX) {
    twin->frame = together(op, frame);
    return true;
  }
  const size_t count = op->shape == GM_LIST ? frame->size[0] : (size_t)op->streams;
  twin->parts = calloc(count ? count : 1, sizeof *twin->parts);
  if (!twin->parts) return false;
  for (size_t i = 0; i < count; i++) {
    if (op->shape == GM_LIST) {
      twin->parts[i] = together(op->of, &((const gm_frame *)frame->stream[0])[i]);
    } else {
      twin->parts[i].size[0] = gm_stream_extent(op, (int)i, frame);
      add_stream(&twin->parts[i], op->stream[i].role, frame->stream[i]);
    }
  }
  twin->impl.op = &twin->list;
  twin->frame = (gm_frame){.size = {count}, .stream = {twin->parts}};
  return true;
}

void twin_close(struct twin *twin) { free(twin->parts); }
