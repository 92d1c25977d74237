/* The memory of all groups of a run. Those whose set lives in a core's own caches have addresses of their own, and get
 * other pages in each round: which physical page lies beneath decides about some percent of their time, and the system
 * draws it for each process (measured on Zen 4: two kinds of huge pages, between which rows in L2 differ by up to 5% in
 * either direction). The others share one stretch, which would else be taken and filled anew at each visit: it is
 * filled with values that every op can take, wherever its streams begin, and what ops update again in each round. */
#ifndef GRADMARK_GROUP_MEMORY_H
#define GRADMARK_GROUP_MEMORY_H

#include "by_name.h"
#include "machine/topology.h"
#include "memory/arena.h"

/* What a stream must hold, and whether an op changes it. */
enum values {
  VALUES_READ, /* floats of both signs */
  VALUES_READ_NONNEGATIVE,
  VALUES_UPDATED, /* floats of both signs, from which every step of every op goes on */
  VALUES_UPDATED_NONNEGATIVE,
  VALUES_WRITTEN, /* nothing that is read: what lies there may be of any kind */
  VALUES_CODES,   /* bytes */
  VALUES_LABELS,  /* integers below REFERENCE_CLASSES, which all ops that have them are timed with */
  VALUES
};
enum values values_of(const gm_stream *stream);

/* Fills the elements begin .. end - 1 of x. Floats have magnitudes of 1/2 .. 1: never zero, never near an over- or
 * underflow however many steps follow. `salt` tells streams apart; labels are below `classes`. */
void values_fill(gm_type type, bool nonnegative, void *x, size_t begin, size_t end, uint32_t salt, size_t classes);

struct group_memory {
  struct arena_settings settings;
  struct own {
    struct arena arena;
    int threads; /* that touch it first */
  } * own;       /* of the groups that have their own; several share each */
  size_t owns;
  struct {
    struct arena arena;
    size_t bytes, streams; /* the most that any group wants */
  } shared[VALUES];
  bool shared_open;
  bool several_nodes;     /* of NUMA: shared pages are given back before another group uses them */
  const void *touched_by; /* the group whose threads they lie near to then */
};

void group_memory_open(struct group_memory *memory, const struct machine *machine,
                       const struct arena_settings *settings);
void group_memory_close(struct group_memory *memory);

/* Before the first shared group: a group of this op and frame will come. */
void group_memory_expect(struct group_memory *memory, const gm_op *op, const gm_frame *frame);

/* Takes the frame's streams, of an op that is no list, all but its result, for so many threads. False without memory.
 */
bool group_memory_take(struct group_memory *memory, const gm_op *op, gm_frame *frame, int threads, bool shared,
                       struct layout *layout);

/* Gives the pages of what is shared, or of what is not, back: others will be there, with nothing in them. */
void group_memory_drop_shared(struct group_memory *memory);
void group_memory_drop_own(struct group_memory *memory);

/* Fills what is shared, or only what ops have updated: by a round of all ops, numbers drift no further than by some
 * steps of each. */
void group_memory_fill(struct group_memory *memory, int threads, bool updated_alone);

#endif
